import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';

/** A JSON line of a function's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Reads a log group from its start: its JSON lines, and all of its text. */
export async function readLog(group: string): Promise<{ lines: LogLine[]; text: string }> {
  const lines: LogLine[] = [];
  const texts: string[] = [];
  const client = new CloudWatchLogsClient({});
  try {
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName: group })) {
      for (const { message = '' } of events) {
        texts.push(message);
        const line = parseLine(message);
        if (line) lines.push(line);
      }
    }
  } finally {
    client.destroy();
  }
  return { lines, text: texts.join('\n') };
}

function parseLine(text: string): LogLine | undefined {
  const start = text.indexOf('{');
  if (start < 0) return undefined;
  try {
    return JSON.parse(text.slice(start)) as LogLine;
  } catch {
    return undefined;
  }
}
