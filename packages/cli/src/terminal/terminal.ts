import { consoleTelemetry, type LogFields, type StageTelemetry, withoutUrls, withoutUrlsIn } from '@totesys/runtime';
import { MultiBar, type SingleBar } from 'cli-progress';
import { takesEscapes } from './takes-escapes.ts';

/** Where the command writes: results on stdout, everything else on stderr, and never a URL with its password. */
export interface Terminal {
  /** Prints a line of the result on stdout; with `--json` on stderr, since stdout then has only the JSON. */
  print(line: string): void;
  /** Prints the JSON object of the command, the last line of stdout, if `--json` asks for it. */
  printJson(result: unknown): void;
  /** Prints the JSON object of one run on a line before that of the command, if `--json` asks for it. */
  printJsonLine(result: unknown): void;
  /** Writes an error, a warning or progress on stderr. */
  log(line: string): void;
  /** Returns the telemetry of a stage: warnings on stderr, and progress bars where stderr is a terminal. */
  telemetryOf(stage: string): StageTelemetry;
  /** Removes the progress bars before lines are written. */
  clearBars(): void;
}

/** The options of the command that change what the terminal writes. */
export interface TerminalOptions {
  readonly json: boolean;
  readonly verbose: boolean;
}

let isJsonPrinted = false;

/** Returns whether this process has printed its JSON object. */
export function hasPrintedJson(): boolean {
  return isJsonPrinted;
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
  const events = consoleTelemetry({ json: json || verbose, write: (line) => write(process.stderr, line.trimEnd()) });
  const printJsonLine = (result: unknown) => {
    if (json) write(process.stdout, JSON.stringify(withoutUrlsIn(result)));
  };
  return {
    print: (line) => write(json ? process.stderr : process.stdout, withoutUrls(line)),
    printJson: (result) => {
      if (!json) return;
      isJsonPrinted = true;
      printJsonLine(result);
    },
    printJsonLine,
    log: (line) => write(process.stderr, withoutUrls(line)),
    clearBars,
    telemetryOf: (stage) => {
      let about: LogFields = { stage };
      return {
        info: (event, fields) => {
          if (verbose) events.info(event, { ...about, ...fields });
        },
        warn: (event, fields) => events.warn(event, { ...about, ...fields }),
        error: (event, error, fields) => events.error(event, error, { ...about, ...fields }),
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
  const open = new Map<string, { bar: SingleBar; startedMs: number; startedRows: number }>();
  // Lines that have scrolled off the screen cannot be removed, so the oldest bar is removed first.
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
        // A line of another stage removes the bars, so a bar may begin in the middle of its table.
        startedRows: rows,
      };
      open.set(name, entry);
      const seconds = Math.max((performance.now() - entry.startedMs) / 1000, 0.001);
      entry.bar.setTotal(Math.max(total, rows, 1));
      const rate = Math.round((rows - entry.startedRows) / seconds);
      entry.bar.update(rows, { ...payload, rate: known ? rate.toLocaleString('en') : '…' });
    },
    stop: () => multibar.stop(),
  };
}
