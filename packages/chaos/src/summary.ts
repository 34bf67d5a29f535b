import { drawTable } from '@totesys/cli';
import { STAGES } from './stage-run.ts';

/** What was tried of one stage, or of one sort of trouble. */
export interface SummaryRow {
  readonly what: string;
  /** Distinct effects that could be struck. */
  readonly points: number;
  readonly kills: number;
  readonly faults: number;
  readonly differences: number;
}

/** Something that differs after a trial. */
export interface Failure {
  readonly label: string;
  readonly replay: string;
  readonly differences: readonly string[];
}

/** Counts trials as they end. */
export class Tally {
  readonly failures: Failure[] = [];
  /** Trials in which what was planned did not come about; they are counted nowhere else. */
  readonly missed: string[] = [];
  readonly #rows = new Map<string, { points: number; kills: number; faults: number; differences: number }>(
    STAGES.map((stage) => [stage, { points: 0, kills: 0, faults: 0, differences: 0 }]),
  );

  /** Counts one trial and what differed after it. */
  add(row: string, trial: { kills: number; faults: number } & Failure): void {
    const counts = this.row(row);
    counts.kills += trial.kills;
    counts.faults += trial.faults;
    counts.differences += trial.differences.length;
    if (trial.differences.length > 0) this.failures.push(trial);
  }

  /** Notes how many points there are; another seed may have a few more or fewer. */
  survey(row: string, points: number): void {
    const counts = this.row(row);
    counts.points = Math.max(counts.points, points);
  }

  /** The rows, and their sum. */
  summarize(): SummaryRow[] {
    const rows = [...this.#rows].map(([what, counts]) => ({ what, ...counts }));
    const sum = (of: (row: SummaryRow) => number) => rows.reduce((total, row) => total + of(row), 0);
    const total = {
      what: 'all',
      points: sum(({ points }) => points),
      kills: sum(({ kills }) => kills),
      faults: sum(({ faults }) => faults),
      differences: sum(({ differences }) => differences),
    };
    return [...rows, total];
  }

  private row(name: string) {
    const counts = this.#rows.get(name) ?? { points: 0, kills: 0, faults: 0, differences: 0 };
    this.#rows.set(name, counts);
    return counts;
  }
}

/** The summary as a table. */
export function drawSummary(rows: readonly SummaryRow[]): string {
  const columns = ['what', 'points', 'kills', 'faults', 'differences'] as const;
  return drawTable(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  );
}
