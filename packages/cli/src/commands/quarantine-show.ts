import { KeySet } from '@totesys/lake';
import { parseKeys } from '../parse/parse-keys.ts';
import { requireSourceTable } from '../parse/require-source-table.ts';
import type { Command } from '../process/command-context.ts';
import { notFound } from '../process/not-found.ts';
import { UsageError } from '../process/usage-error.ts';
import { describeRule } from '../quarantine/describe-rule.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';
import { type QuarantinedValue, readQuarantined } from '../quarantine/read-quarantined.ts';
import { drawTable } from '../terminal/draw-table.ts';

/** `totesys quarantine show TABLE KEY`: what is wrong with one row, with its values as exact texts. */
export const quarantineShow: Command = async (context, name, text = '') => {
  const { terminal, model } = context;
  const table = requireSourceTable(model, name).name;
  const [[key, last], ...more] = parseKeys(text) as [[number, number], ...unknown[]];
  if (key !== last || more.length > 0) throw new UsageError('That is not one key: expected one row to show.');
  const { lakes, open, discarded } = await quarantineOf(context);
  const values: QuarantinedValue[] = [];
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
      `Row ${key} of '${table}' is not in quarantine. See what is with: totesys quarantine list`,
    );
    return { command: 'quarantine show', table, key, values: [], ...missing };
  }
  const isDiscarded = discarded.keysOf(table).has(key);
  const row = JSON.parse(first.row) as Record<string, string | null>;
  terminal.say(`Row ${key} of '${table}', as batch ${first.batch} read it at ${first.sourceClock}`);
  for (const value of values) {
    terminal.say(`  ${value.column}: ${value.reason}. ${describeRule(model, value)}`);
  }
  terminal.say(
    drawTable(
      ['column', 'text'],
      Object.entries(row).map(([column, value]) => [column, value ?? 'null']),
    ),
  );
  if (isDiscarded) terminal.say('A person has discarded it.');
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
