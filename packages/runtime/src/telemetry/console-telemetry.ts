import { describeError, withoutUrls, withoutUrlsIn } from './describe-error.ts';
import type { LogFields, StageTelemetry } from './telemetry.ts';

/** Telemetry for a command: lines of JSON or text, on stderr only. */
export function consoleTelemetry(options: { json: boolean; write?: (line: string) => void }): StageTelemetry {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  let about: LogFields = {};
  const say = (level: string, event: string, fields: LogFields = {}) => {
    const safe = withoutUrlsIn({ ...about, ...fields }) as Record<string, unknown>;
    if (options.json) write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...safe })}\n`);
    else write(`${level === 'info' ? '' : `${level}: `}${event}${Object.entries(safe).map(pair).join('')}\n`);
  };
  return {
    info: (event, fields) => say('info', event, fields),
    warn: (event, fields) => say('warning', event, fields),
    error: (event, error, fields) => {
      const described = describeError(error);
      if (options.json) say('error', event, { ...fields, error: described });
      else say('error', `${event}: ${withoutUrls(described.message)}`, { code: described.code, ...fields });
    },
    about: (fields) => {
      about = { ...about, ...fields };
    },
    metric: () => {},
    progress: () => {},
  };
}

function pair([key, value]: [string, unknown]): string {
  if (value === undefined) return '';
  return ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
