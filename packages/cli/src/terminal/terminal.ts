import { consoleTelemetry, type LogFields, type StageTelemetry, withoutUrls, withoutUrlsIn } from '@totesys/runtime';
import { MultiBar, type SingleBar } from 'cli-progress';
import { takesEscapes } from './takes-escapes.ts';

/** Where the command writes: results on stdout, everything else on stderr; nothing with a password in it. */
export interface Terminal {
  /** A line for a person: on stdout, or on stderr where stdout is kept for JSON. */
  say(line: string): void;
  /** The one JSON object that ends stdout. */
  answer(result: unknown): void;
  /** A line for whoever looks into a fault. */
  complain(line: string): void;
  /** Telemetry of a stage: warnings on stderr, and bars where a person looks on. */
  telemetryOf(stage: string): StageTelemetry;
  /** Takes the bars away, so that lines can be written. */
  clearBars(): void;
}

/** The streams behind a terminal, and how much it says. */
export interface TerminalOptions {
  readonly json: boolean;
  readonly verbose: boolean;
}

let answered = false;

/** Whether the process has written its JSON object. */
export function hasAnswered(): boolean {
  return answered;
}

/** Opens the terminal of this process. */
export function openTerminal({ json, verbose }: TerminalOptions): Terminal {
  const showsBars = takesEscapes(process.stderr) && !verbose;
  let bars: Bars | undefined;
  const clearBars = () => {
    bars?.stop();
    bars = undefined;
  };
  const write = (stream: NodeJS.WriteStream, text: string) => {
    clearBars();
    stream.write(`${text}\n`);
  };
  const complain = (line: string) => write(process.stderr, withoutUrls(line));
  const log = consoleTelemetry({ json: json || verbose, write: (line) => write(process.stderr, line.trimEnd()) });
  return {
    say: (line) => write(json ? process.stderr : process.stdout, withoutUrls(line)),
    answer: (result) => {
      if (!json) return;
      answered = true;
      write(process.stdout, JSON.stringify(withoutUrlsIn(result)));
    },
    complain,
    clearBars,
    telemetryOf: (stage) => {
      let about: LogFields = { stage };
      return {
        info: (event, fields) => {
          if (verbose) log.info(event, { ...about, ...fields });
        },
        warn: (event, fields) => log.warn(event, { ...about, ...fields }),
        error: (event, error, fields) => log.error(event, error, { ...about, ...fields }),
        about: (fields) => {
          about = { ...about, ...fields };
        },
        metric: () => {},
        progress: (table, rows, total) => {
          if (!showsBars) return;
          bars ??= openBars();
          bars.update(stage, table, rows, total);
        },
      };
    },
  };
}

interface Bars {
  update(stage: string, table: string, rows: number, total?: number): void;
  stop(): void;
}

function openBars(): Bars {
  const multibar = new MultiBar({
    stream: process.stderr,
    format: '{stage} {table} [{bar}] {value} rows · {rate} rows/s',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    emptyOnZero: true,
  });
  const open = new Map<string, { bar: SingleBar; startedMs: number }>();
  // Lines that scroll off the screen cannot be taken away again, so the oldest bar gives way.
  const makeRoom = () => {
    const most = Math.max(1, (process.stderr.rows ?? Number.POSITIVE_INFINITY) - 1);
    for (const [name, { bar }] of open) {
      if (open.size < most) return;
      multibar.remove(bar);
      open.delete(name);
    }
  };
  return {
    update: (stage, table, rows, total = rows) => {
      const payload = { stage: stage.padEnd(9), table: table.padEnd(20) };
      const name = `${stage} ${table}`;
      const known = open.get(name);
      if (!known) makeRoom();
      const entry = known ?? {
        bar: multibar.create(Math.max(total, rows, 1), 0, { ...payload, rate: '' }),
        startedMs: performance.now(),
      };
      open.set(name, entry);
      const seconds = Math.max((performance.now() - entry.startedMs) / 1000, 0.001);
      entry.bar.setTotal(Math.max(total, rows, 1));
      entry.bar.update(rows, { ...payload, rate: known ? Math.round(rows / seconds).toLocaleString('en') : '…' });
    },
    stop: () => multibar.stop(),
  };
}
