import type { MetricName, Stage } from './metrics.ts';

/** Fields of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Receives log events named `noun:verb`. */
export interface Telemetry {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, error: unknown, fields?: LogFields): void;
  /** Adds fields to every line from now to the end of the run, for example the batch. */
  about(fields: LogFields): void;
  /** Reports the rows of a table so far, for a progress bar; `total` if it is known. */
  progress(table: string, rows: number, total?: number): void;
}

/** Telemetry with metrics of these names. */
export interface MetricTelemetry<in Name extends string> extends Telemetry {
  readonly metric: (name: Name, value: number) => void;
}

/** Telemetry of a stage, which may emit the metrics that are declared for it and no others. */
export type StageTelemetry<S extends Stage = Stage> = MetricTelemetry<MetricName<S>>;

/** Telemetry without output. */
export const silentTelemetry: StageTelemetry = {
  info: () => {},
  warn: () => {},
  error: () => {},
  about: () => {},
  metric: () => {},
  progress: () => {},
};
