import { isLongText, KeySet } from '@totesys/lake';
import { parseKeys } from '../parse/parse-keys.ts';
import { requireSourceTable } from '../parse/require-source-table.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import { notFound } from '../process/not-found.ts';
import { UsageError } from '../process/usage-error.ts';
import { describeRule } from '../quarantine/describe-rule.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';
import { type BatchValue, readQuarantined } from '../quarantine/read-quarantined.ts';
import { drawTable } from '../terminal/draw-table.ts';

const quarantineShow: Command = async (context, name, text = '') => {
  const { terminal, model } = context;
  const table = requireSourceTable(model, name).name;
  const [[key, last], ...more] = parseKeys(text) as [[number, number], ...unknown[]];
  if (key !== last || more.length > 0) throw new UsageError('Several keys are given: expected the key of one row.');
  const { lakes, open, discarded } = await quarantineOf(context);
  const values: BatchValue[] = [];
  for (const side of [open, discarded]) {
    for (const [of, batch, keys] of side.entries()) {
      if (of !== table || !keys.has(key)) continue;
      for await (const value of readQuarantined(lakes, table, batch, KeySet.of([[key, key]]))) values.push(value);
    }
  }
  const [first] = values;
  if (!first) {
    const missing = notFound(
      terminal,
      `Row ${key} of '${table}' is not in quarantine. To list quarantined rows, run: totesys quarantine list`,
    );
    return { command: 'quarantine show', table, key, values: [], ...missing };
  }
  const isDiscarded = discarded.keysOf(table).has(key);
  const row = JSON.parse(first.row) as Record<string, string | null>;
  const long = new Set(values.filter(isLongText).map(({ column }) => column));
  terminal.print(`Row ${key} of '${table}', as batch ${first.batch} read it at ${first.sourceClock}`);
  for (const value of values) {
    terminal.print(`  ${value.column}: ${value.reason}. ${describeRule(model, value)}`);
  }
  terminal.print(
    drawTable(
      ['column', 'text'],
      Object.entries(row).map(([column, value]) => [
        column,
        value ?? (long.has(column) ? 'only in the source, because it is too long' : 'null'),
      ]),
    ),
  );
  if (isDiscarded) terminal.print('The operator has discarded it.');
  return {
    ok: true,
    command: 'quarantine show',
    table,
    key,
    batch: first.batch,
    sourceClock: first.sourceClock,
    isDiscarded,
    values: values.map((value) => ({
      column: value.column,
      reason: value.reason,
      rule: describeRule(model, value),
      text: value.text,
    })),
    row,
  };
};

/** `totesys quarantine show TABLE KEY`: the faults of one row, and all its values as exact texts. */
export const quarantineShowCommand: CommandDefinition = {
  usage: 'quarantine show <table> <key>',
  summary: 'show one quarantined row with its values and what is wrong with them',
  needs: ['ingestion', 'processed'],
  run: quarantineShow,
};
