import { z } from 'zod';

const spread = z.object({ median: z.number(), least: z.number(), most: z.number(), runs: z.number() });

const measure = z.object({
  group: z.string(),
  name: z.string(),
  rows: z.number(),
  seconds: spread.optional(),
  clientCpuSeconds: spread.optional(),
  serverCpuSeconds: spread.optional(),
  peakMegabytes: spread.optional(),
  /** The name of the floor in the same group, and this measure's seconds divided by the floor's. */
  floor: z.string().optional(),
  ratio: spread.optional(),
  /** The seconds beyond those of the floor. */
  secondsAboveFloor: spread.optional(),
  /** What was found of the moved rows, or why there is no measurement. */
  outcome: z.string().optional(),
});

const machine = z.object({
  cpu: z.string(),
  cores: z.number(),
  memoryGigabytes: z.number(),
  system: z.string(),
  /** The load average of one minute before the run: processes that others had running. */
  loadBefore: z.number(),
});

const result = z.object({
  format: z.literal(1),
  kind: z.enum(['stages', 'peers']),
  date: z.string(),
  machine,
  versions: z.record(z.string(), z.string()),
  /** The rows of all source tables. */
  rows: z.number(),
  bytes: z.record(z.string(), z.number()),
  measures: z.array(measure),
});

/** One line of a result: the median and the spread of a measured work. */
export type Measure = z.infer<typeof measure>;

/** The machine on which a result was measured. */
export type Machine = z.infer<typeof machine>;

/** The result of `make bench` or `make bench-peers`. */
export type BenchResult = z.infer<typeof result>;

/** Returns the result that the text holds, or throws. */
export function parseResult(text: string): BenchResult {
  return result.parse(JSON.parse(text));
}
