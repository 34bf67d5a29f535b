import { spawn } from 'node:child_process';
import type { HintMode } from '@totesys/ingest';
import { openStore } from '@totesys/lake';
import { describeError } from '@totesys/runtime';
import { crashServer } from './crash-server.ts';
import { type Effect, Effects, type Plan } from './effects.ts';
import { HintReport, type HintsSeen } from './hint-report.ts';
import { advanceFirst, manifestFirst, type PlantedBug, statementToCommitBefore } from './planted-bugs.ts';
import { openDatabase, runStage, type Stage, type Surroundings } from './stage-run.ts';
import { watchBucket } from './watched-bucket.ts';
import { watchDatabase } from './watched-database.ts';
import { watchStore } from './watched-store.ts';

/** The order for a process: its stages, and the plan for one of their effects. */
export interface StageOrder {
  readonly stages: readonly Stage[];
  readonly sourceUrl: string;
  readonly warehouseUrl: string;
  readonly ingestionUri: string;
  readonly processedUri: string;
  readonly hints: HintMode;
  /** The time from a scan until an audit is due: milliseconds. */
  readonly auditMs: number;
  readonly plan?: Plan;
  readonly bug?: PlantedBug;
}

/** The end of a process. */
export type StageEnd =
  | { readonly kind: 'killed' }
  | {
      readonly kind: 'done';
      readonly isInjected: boolean;
      readonly effects: readonly Effect[];
      readonly hints: HintsSeen;
    }
  | { readonly kind: 'failed'; readonly isInjected: boolean; readonly code: string; readonly message: string }
  | { readonly kind: 'broken'; readonly message: string };

/** A stage that has not ended after this time hangs: milliseconds. */
const HANG_LIMIT_MS = 90_000;
const VARIABLE = 'TOTESYS_CHAOS';

/** Runs stages in a process of their own and returns its end. */
export function spawnStage(order: StageOrder): Promise<StageEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [process.argv[1]!, 'stage'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, [VARIABLE]: JSON.stringify(order) },
    });
    const said = { out: '', err: '' };
    let hangs = false;
    const limit = setTimeout(() => {
      hangs = true;
      child.kill('SIGKILL');
    }, HANG_LIMIT_MS);
    child.stdout.on('data', (chunk) => {
      said.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said.err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (hangs) resolve({ kind: 'broken', message: `it hangs: no end after ${HANG_LIMIT_MS / 1000} s` });
      else if (signal === 'SIGKILL') resolve({ kind: 'killed' });
      else if (code === 0) resolve(JSON.parse(said.out.trimEnd().split('\n').at(-1)!));
      else reject(new Error(`A stage of the crash kit ended with ${signal ?? code}: ${said.err}`));
    });
  });
}

/** The command of `spawnStage`: the order is in the environment, the end is the last line of stdout. */
export async function stageProcess(): Promise<number> {
  const order = JSON.parse(process.env[VARIABLE] ?? '') as StageOrder;
  const effects = new Effects(order.plan);
  const report = new HintReport();
  const answer = (end: StageEnd) => process.stdout.write(`${JSON.stringify(end)}\n`);
  try {
    const surroundings = await watchSurroundings(order, effects, report);
    for (const stage of order.stages) await runStage(stage, surroundings);
    const { used, missed, refused } = report;
    answer({ kind: 'done', isInjected: effects.isInjected, effects: effects.seen, hints: { used, missed, refused } });
  } catch (error) {
    const { code, message, stack } = describeError(error);
    // An error without a code is a mistake in the program.
    if (code !== undefined) answer({ kind: 'failed', isInjected: effects.isInjected, code, message });
    else answer({ kind: 'broken', message: stack ?? message });
  }
  return 0;
}

async function watchSurroundings(order: StageOrder, effects: Effects, report: HintReport): Promise<Surroundings> {
  const { bug, ingestionUri, processedUri, sourceUrl, warehouseUrl } = order;
  const watch = (url: string) =>
    watchDatabase(url, effects, { restart: () => crashServer(url), commitBefore: statementToCommitBefore(bug) });
  const open = (uri: string, name: string) => {
    // A bucket's requests are watched instead, so that the retries of the client are tested too.
    if (uri.startsWith('s3://')) return openStore(uri);
    const store = watchStore(openStore(uri), name, effects);
    return bug === 'manifest before its parts' ? manifestFirst(store) : store;
  };
  if (ingestionUri.startsWith('s3://')) await watchBucket(effects);
  const needs = (stage: Stage) => order.stages.includes(stage);
  // A stage opens only its own database.
  const source = needs('ingest') ? await openDatabase(await watch(sourceUrl), 'source', order.hints) : NO_DATABASE;
  const ingestion = open(ingestionUri, 'ingestion');
  return {
    source,
    warehouse: needs('load') ? await openDatabase(await watch(warehouseUrl), 'warehouse') : NO_DATABASE,
    ingestion: bug === 'slot advanced before its manifest' ? advanceFirst(ingestion, source) : ingestion,
    processed: open(processedUri, 'processed'),
    hints: { mode: order.hints, auditMs: order.auditMs, report },
  };
}

const NO_DATABASE = undefined as never;
