import type { MetricName, Stage } from './metrics.ts';

/** Fields of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where code says what it does: log events named `noun:verb`. */
export interface Telemetry {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, error: unknown, fields?: LogFields): void;
  /** Puts fields on every line from here to the end of the run, as the batch at work. */
  about(fields: LogFields): void;
  /** Rows that went through one table so far: what a progress bar shows; `total` where it is known. */
  progress(table: string, rows: number, total?: number): void;
}

/** Telemetry with metrics of these names. */
export interface MetricTelemetry<in Name extends string> extends Telemetry {
  readonly metric: (name: Name, value: number) => void;
}

/** Telemetry of a stage, which may emit the metrics that are declared for it and no others. */
export type StageTelemetry<S extends Stage = Stage> = MetricTelemetry<MetricName<S>>;

/** Telemetry that goes nowhere. */
export const silentTelemetry: StageTelemetry = {
  info: () => {},
  warn: () => {},
  error: () => {},
  about: () => {},
  metric: () => {},
  progress: () => {},
};
