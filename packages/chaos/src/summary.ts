import { drawTable } from '@totesys/cli';
import { isHintsRow } from './source-choice.ts';
import { STAGES } from './stage-run.ts';

/** The trials of one stage, or of one sort of fault. */
export interface SummaryRow {
  readonly what: string;
  /** The number of points. */
  readonly points: number;
  readonly kills: number;
  readonly faults: number;
  readonly differences: number;
}

/** A trial with differences. */
export interface Failure {
  readonly label: string;
  readonly replay: string;
  readonly differences: readonly string[];
}

/** Counts trials as they end. */
export class Tally {
  readonly failures: Failure[] = [];
  /** Trials whose planned fault did not happen; they are counted nowhere else. */
  readonly missed: string[] = [];
  readonly #rows = new Map<string, { points: number; kills: number; faults: number; differences: number }>(
    STAGES.map((stage) => [stage, { points: 0, kills: 0, faults: 0, differences: 0 }]),
  );

  /** Counts one trial and its differences. */
  add(row: string, trial: { kills: number; faults: number } & Failure): void {
    const counts = this.row(row);
    counts.kills += trial.kills;
    counts.faults += trial.faults;
    counts.differences += trial.differences.length;
    if (trial.differences.length > 0) this.failures.push(trial);
  }

  /** Sets the number of points; the highest of all seeds counts. */
  survey(row: string, points: number): void {
    const counts = this.row(row);
    counts.points = Math.max(counts.points, points);
  }

  /** Returns the rows and their sum. */
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

  /** Returns the number of all points, and of those with change hints. */
  countPoints(): { points: number; hinted: number } {
    let [points, hinted] = [0, 0];
    for (const [what, row] of this.#rows) {
      points += row.points;
      if (isHintsRow(what)) hinted += row.points;
    }
    return { points, hinted };
  }

  private row(name: string) {
    const counts = this.#rows.get(name) ?? { points: 0, kills: 0, faults: 0, differences: 0 };
    this.#rows.set(name, counts);
    return counts;
  }
}

/** Draws the summary as a table. */
export function drawSummary(rows: readonly SummaryRow[]): string {
  const columns = ['what', 'points', 'kills', 'faults', 'differences'] as const;
  return drawTable(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  );
}
