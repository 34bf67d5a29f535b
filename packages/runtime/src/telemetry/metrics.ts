/** The units of CloudWatch that the metrics use. */
export type MetricUnit = 'Count' | 'Seconds' | 'Milliseconds' | 'Bytes';

/** The dimension of every metric; its value is the stage. */
export const METRIC_DIMENSION = 'service';

/** The default namespace of the metrics. */
export const METRIC_NAMESPACE = 'Totesys';

interface Metric {
  readonly unit: MetricUnit;
  /** Its meaning, in one sentence. */
  readonly text: string;
  /** Whether an alarm watches it. */
  readonly hasAlarm: boolean;
  /** Whether it is emitted only while change hints are on; so is its alarm. */
  readonly isOfHints?: boolean;
}

/**
 * Every metric that a stage may emit: at most thirteen without those of hints, because each costs money. Alarms and
 * dashboard use these and no others.
 */
export const METRICS = {
  ingest: {
    RunsSucceeded: {
      unit: 'Count',
      text: 'A run has seen the whole source: it committed a batch, or nothing had changed.',
      hasAlarm: true,
    },
    RowsRead: { unit: 'Count', text: 'Changed rows that a batch carries.', hasAlarm: false },
    RowsQuarantined: {
      unit: 'Count',
      text: 'Rows that ingest could not carry and put into quarantine.',
      hasAlarm: true,
    },
    FenceAgeSeconds: {
      unit: 'Seconds',
      text: "How long, at least, the source's oldest writing transaction has been open.",
      hasAlarm: true,
    },
    HintsUsed: {
      unit: 'Count',
      text: 'A run followed its change hint; with HINTS=shadow it trusted the hint and scanned all the same.',
      hasAlarm: false,
      isOfHints: true,
    },
    HintsFellBack: {
      unit: 'Count',
      text: 'A run scanned because it refused its hint or an audit was due; the log line hint:refused has the reason.',
      hasAlarm: false,
      isOfHints: true,
    },
    HintsMissed: {
      unit: 'Count',
      text: 'Changed rows that a scan found and change hints have missed.',
      hasAlarm: true,
      isOfHints: true,
    },
    RetainedWalBytes: {
      unit: 'Bytes',
      text: 'WAL that the source keeps for the slot of the change hints.',
      hasAlarm: true,
      isOfHints: true,
    },
    PeekMilliseconds: {
      unit: 'Milliseconds',
      text: 'How long the slot of the change hints took to read.',
      hasAlarm: false,
      isOfHints: true,
    },
  },
  transform: {
    RowsQuarantined: {
      unit: 'Count',
      text: 'Rows with a value that breaks the contract, which transform put into quarantine.',
      hasAlarm: true,
    },
  },
  load: {
    RowsLoaded: { unit: 'Count', text: 'Rows that a batch changed in the warehouse.', hasAlarm: false },
    RowsHeld: { unit: 'Count', text: 'Facts that wait for their dimension rows.', hasAlarm: false },
    OldestUnloadedSeconds: {
      unit: 'Seconds',
      text: 'Age of the oldest batch that ingest committed and the warehouse lacks; 0 when none waits.',
      hasAlarm: true,
    },
    BatchesBlocked: { unit: 'Count', text: '1 when the next batch cannot be loaded, else 0.', hasAlarm: true },
  },
  publish: {
    PublishLagSeconds: {
      unit: 'Seconds',
      text: 'Age of the oldest processed batch that a published table lacks; 0 when none waits.',
      hasAlarm: false,
    },
  },
  reconcile: {
    ProofSucceeded: { unit: 'Count', text: 'A proof has ended with a result, whatever it found.', hasAlarm: true },
    RowsDiffering: {
      unit: 'Count',
      text: 'Rows that differ from the source, and faults of the history, the lakes and the ledger, in one proof.',
      hasAlarm: true,
    },
    RowsUnread: {
      unit: 'Count',
      text: 'Rows that a proof compared and no loaded batch carries yet.',
      hasAlarm: false,
    },
  },
} as const satisfies Record<string, Record<string, Metric>>;

/** The names of the stages in logs and metrics. */
export type Stage = keyof typeof METRICS;

/** The metrics of a stage, or of any of several. */
export type MetricName<S extends Stage = Stage> = { [Each in S]: keyof (typeof METRICS)[Each] & string }[S];

/** The unit of a stage's metric. */
export function metricUnit<S extends Stage>(stage: S, name: MetricName<S>): MetricUnit {
  return (METRICS[stage] as Record<string, Metric>)[name]!.unit;
}
