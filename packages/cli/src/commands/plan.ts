import { countOf } from '../format/count-of.ts';
import { describeIngestPlan, describeTable } from '../plan/describe-ingest.ts';
import { describeLoadPlan, describeMigration } from '../plan/describe-load.ts';
import { isDue, makePlan, type Plan, type TransformPlan } from '../plan/plan.ts';
import { planJson } from '../plan/plan-json.ts';
import type { CommandDefinition } from '../process/command.ts';
import { ExitCode } from '../process/exit-code.ts';
import { drawTable } from '../terminal/draw-table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `totesys plan`: what the next run of each stage would do, and why it would stop. */
export const planCommand: CommandDefinition = {
  usage: 'plan',
  summary: 'show what the next run of each stage would do, and why it would stop',
  needs: ['source', 'warehouse', 'ingestion', 'processed'],
  options: [{ flags: '--detailed-exitcode', text: 'end with 3 if there is something to do' }],
  notes:
    'It writes nothing and takes no lock for which a run waits. Of a table that is not read completely, it counts up ' +
    "to 100,000 rows; for more, it shows the planner's estimate.",
  run: async (context) => {
    const { terminal, options } = context;
    const plan = await makePlan(context);
    const due = isDue(plan);
    terminal.clearBars();
    printPlan(terminal, plan);
    return {
      ok: true,
      command: 'plan',
      isDue: due,
      ...planJson(plan),
      ...(due && options.detailedExitcode === true && { exitCode: ExitCode.due }),
    };
  },
};

function printPlan(terminal: Terminal, { stops, ingest, transform, load }: Plan): void {
  const { tables } = ingest;
  if (tables.length > 0) {
    terminal.print(
      drawTable(['source table', 'rows known', 'read', 'rows expected', 'why'], tables.map(describeTable)),
    );
  }
  if (load.migration.length > 0) {
    terminal.print(drawTable(['warehouse', 'what load changes first'], describeMigration(load.migration)));
  }
  for (const { message } of stops) terminal.print(`stop       ${message}`);
  printStage(terminal, 'ingest', describeIngestPlan(ingest));
  printStage(terminal, 'transform', [describeTransform(transform)]);
  printStage(terminal, 'load', describeLoadPlan(load));
}

function printStage(terminal: Terminal, stage: string, lines: readonly string[]): void {
  const margin = (line: number) => (line === 0 ? stage : '').padEnd(11);
  for (const [line, text] of lines.entries()) terminal.print(`${margin(line)}${text}`);
}

function describeTransform({ waiting: { batches, rows, isLeast } }: TransformPlan): string {
  if (batches === 0) return 'has no batch to derive';
  const count = isLeast ? `at least ${countOf(rows, 'row')}` : countOf(rows, 'row');
  return `will derive ${countOf(batches, 'batch', 'batches')}: ${count}`;
}
