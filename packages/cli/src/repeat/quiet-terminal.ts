import type { LogFields, StageTelemetry } from '@totesys/runtime';
import type { Terminal } from '../terminal/terminal.ts';

/** A terminal for repeated runs: no line for each stage, no bars, and no warning that the run before it also had. */
export interface QuietTerminal extends Terminal {
  /** Begins the next run. */
  nextRun(): void;
}

/** Returns a quiet terminal on another terminal. */
export function quietTerminal(terminal: Terminal): QuietTerminal {
  let before: ReadonlySet<string> = new Set();
  let now = new Set<string>();
  const isNew = (line: string) => {
    const isRepeated = before.has(line) || now.has(line);
    now.add(line);
    return !isRepeated;
  };
  return {
    ...terminal,
    print: () => {},
    log: (line) => {
      if (isNew(line)) terminal.log(line);
    },
    telemetryOf: (stage) => quietTelemetry(terminal.telemetryOf(stage), (...said) => isNew(JSON.stringify(said))),
    nextRun: () => {
      before = now;
      now = new Set();
    },
  };
}

function quietTelemetry(
  telemetry: StageTelemetry,
  isNew: (event: string, fields: LogFields | undefined) => boolean,
): StageTelemetry {
  return {
    ...telemetry,
    warn: (event, fields) => {
      if (isNew(event, fields)) telemetry.warn(event, fields);
    },
    progress: () => {},
  };
}
