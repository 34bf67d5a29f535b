import { z } from 'zod';

const spread = z.object({ median: z.number(), least: z.number(), most: z.number(), runs: z.number() });

/** How long operations took from the commit in the source to their arrival: seconds. */
const freshness = z.object({
  operations: z.number(),
  arrived: z.number(),
  /** Operations whose row a later one changed before they arrived. */
  overwritten: z.number(),
  /** Operations of kinds that the tool does not find. */
  unfound: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  most: z.number(),
  /** The 99th percentile of the operations from each second on, until the next one. */
  overTime: z.array(z.object({ second: z.number(), p99: z.number() })),
});

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
  freshness: freshness.optional(),
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
  kind: z.enum(['stages', 'peers', 'freshness', 'proof']),
  date: z.string(),
  machine,
  versions: z.record(z.string(), z.string()),
  /** The rows of all source tables. */
  rows: z.number(),
  bytes: z.record(z.string(), z.number()),
  /** The operations of the source during the measurement. */
  operations: z.object({ perSecond: z.number(), seconds: z.number() }).optional(),
  measures: z.array(measure),
});

/** One line of a result: the median and the spread of a measured work. */
export type Measure = z.infer<typeof measure>;

/** The freshness of a tool that follows the source. */
export type Freshness = z.infer<typeof freshness>;

/** The machine on which a result was measured. */
export type Machine = z.infer<typeof machine>;

/** The result of `make bench`, `make bench-peers`, `make bench-freshness` or `make bench-proof`. */
export type BenchResult = z.infer<typeof result>;

/** Returns the result that the text holds, or throws. */
export function parseResult(text: string): BenchResult {
  return result.parse(JSON.parse(text));
}
