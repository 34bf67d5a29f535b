import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { renderReport } from '@totesys/report';
import { findSubject } from '../explain/subject.ts';
import { parseCount } from '../parse/parse-count.ts';
import type { Command, CommandDefinition, CommandResult } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';
import { answerQuestions } from '../report/answer-questions.ts';
import { collectReport, type ReportOptions, readRowHistory } from '../report/collect-report.ts';
import { keepFor } from '../report/keep-for.ts';
import { readPageFiles } from '../report/page-files.ts';
import { serveReport } from '../report/serve-report.ts';

/** The batches of a report, unless another number is asked for: a week of minutes. */
const BATCHES = 10_000;
const MOST_BATCHES = 100_000;
/** How long a live report shows the same answers of the questions: milliseconds. */
const QUESTIONS_KEPT_MS = 60_000;

const report: Command = async (context) => {
  const { options } = context;
  const wanted: ReportOptions = {
    batches: parseCount('--batches', options.batches ?? String(BATCHES), MOST_BATCHES),
    showsValues: options.showValues === true,
    subjects: parseRows(context),
    asksSource: true,
    questions: (reachable) => answerQuestions(reachable, options.showValues === true),
  };
  if ((options.out === undefined) === (options.serve !== true)) {
    throw new UsageError('Expected --out FILE to write the report, or --serve to show it live: one of the two.');
  }
  return options.serve === true ? serve(context, wanted) : write(context, wanted, resolve(String(options.out)));
};

async function write(context: CommandContext, wanted: ReportOptions, file: string): Promise<CommandResult> {
  const html = renderReport(await readPageFiles(), await collectReport(context, wanted));
  // It may contain values, which other users of the machine must not read, also if the file was there before.
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(html);
  } finally {
    await handle.close();
  }
  context.terminal.clearBars();
  context.terminal.print(`The report is in ${file}. Open it with a browser.`);
  return { ok: true, command: 'report', file, bytes: Buffer.byteLength(html) };
}

async function serve(context: CommandContext, wanted: ReportOptions): Promise<CommandResult> {
  const { model, options, terminal, interrupted } = context;
  // The scan of the source and the questions are too much for every few seconds.
  const live = { ...wanted, asksSource: false, questions: keepFor(QUESTIONS_KEPT_MS, wanted.questions) };
  const server = await serveReport(
    {
      collect: () => collectReport(context, live),
      row: (table, key) => readRowHistory(context, findSubject(model, table, key), wanted.showsValues),
    },
    parsePort(options.port),
  );
  terminal.print(`The report is at ${server.url} until you press Ctrl-C.`);
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.close();
  return { ok: true, command: 'report', url: server.url };
}

/** `totesys report`: the state of the pipeline as one HTML page. */
export const reportCommand: CommandDefinition = {
  usage: 'report',
  summary: 'write one HTML page about the pipeline, or serve it live',
  needs: ['ingestion', 'processed'],
  options: [
    { flags: '--out <file>', text: 'the file to write; it opens from disk without a network' },
    { flags: '--serve', text: 'serve the page on the loopback address, with live updates, until Ctrl-C' },
    { flags: '--port <port>', text: 'the port to serve on, 0 for any', byDefault: '0' },
    { flags: '--row <table key...>', text: 'add the history of this row: a table and a key; may be repeated' },
    { flags: '--batches <count>', text: 'the newest batches to show', byDefault: String(BATCHES) },
    { flags: '--show-values', text: 'show the values of rows, which may be personal data' },
  ],
  notes:
    'With --warehouse, it also shows what is loaded and when, and with --show-values the answers of twelve ' +
    'questions; with --source and --out, the changes that are not read yet.',
  run: report,
};

// Each use of the option has a table and a key; the parser returns the words of all uses in one list.
function parseRows({ model, options: { row } }: CommandContext): ReportOptions['subjects'] {
  const words = Array.isArray(row) ? (row as readonly string[]) : [];
  if (words.length % 2 === 1) throw new UsageError('--row has no key: expected a table and a key, as sales_order 3.');
  return words.flatMap((word, index) => (index % 2 === 0 ? [findSubject(model, word, words[index + 1])] : []));
}

function parsePort(text: unknown): number {
  const port = Number(text ?? 0);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port is '${text}': expected a whole number from 0 to 65,535.`);
}
