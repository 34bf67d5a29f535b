/** CloudWatch's units, as far as we use them. */
export type MetricUnit = 'Count' | 'Seconds' | 'Bytes';

/** Where a stage says what it does: log events named `noun:verb`, and metrics named by CloudWatch-style nouns. */
export interface Telemetry {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void;
  metric(name: string, value: number, unit: MetricUnit): void;
  /** Rows that went through one table so far: what a progress bar shows; `total` where it is known. */
  progress(table: string, rows: number, total?: number): void;
}

/** Telemetry that goes nowhere. */
export const silentTelemetry: Telemetry = {
  info: () => {},
  warn: () => {},
  error: () => {},
  metric: () => {},
  progress: () => {},
};
