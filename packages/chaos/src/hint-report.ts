import { type StageTelemetry, silentTelemetry } from '@totesys/runtime';

/** What runs of ingest have reported of their hints. */
export interface HintsSeen {
  /** Runs that trusted their hint, and in which no audit was due. */
  readonly used: number;
  /** Changed rows that hints lacked and a scan found. */
  readonly missed: number;
  /** Why hints were not followed. */
  readonly refused: readonly string[];
}

/** Adds up what runs of ingest report of their hints. */
export class HintReport implements HintsSeen {
  used = 0;
  missed = 0;
  readonly refused: string[] = [];
  /** Telemetry for the runs. */
  readonly telemetry: StageTelemetry<'ingest'> = {
    ...silentTelemetry,
    info: (event, fields) => this.note(event, fields),
    warn: (event, fields) => this.note(event, fields),
    metric: (name, value) => {
      if (name === 'HintsUsed') this.used += value;
      if (name === 'HintsMissed') this.missed += value;
    },
  };

  private note(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (event === 'hint:refused') this.refused.push(`${fields.reason}: ${fields.fault}`);
  }
}
