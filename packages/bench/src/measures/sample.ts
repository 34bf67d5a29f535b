/** The resources that one execution of a work used. */
export interface Sample {
  /** From the start of the process to its end, or of the statements alone where the work is a floor. */
  readonly seconds: number;
  /** CPU of the process and its children: seconds. */
  readonly clientCpuSeconds: number;
  /** CPU of the Postgres server in the same time; undefined if it cannot be read. */
  readonly serverCpuSeconds: number | undefined;
  /** The highest resident memory of the process and its children; undefined if it cannot be read. */
  readonly peakMegabytes: number | undefined;
}

/** Adds the samples of processes that ran one after another; the peak is the highest of them. */
export function addSamples(samples: readonly Sample[]): Sample {
  const values = (of: (sample: Sample) => number | undefined) => {
    const known = samples.map(of).filter((value) => value !== undefined);
    return known.length === samples.length ? known : undefined;
  };
  const sum = (numbers: readonly number[] | undefined) => numbers?.reduce((total, each) => total + each, 0);
  const peaks = values(({ peakMegabytes }) => peakMegabytes);
  return {
    seconds: sum(samples.map(({ seconds }) => seconds)) ?? 0,
    clientCpuSeconds: sum(samples.map(({ clientCpuSeconds }) => clientCpuSeconds)) ?? 0,
    serverCpuSeconds: sum(values(({ serverCpuSeconds }) => serverCpuSeconds)),
    peakMegabytes: peaks && peaks.length > 0 ? Math.max(...peaks) : undefined,
  };
}
