import type { Check } from '../doctor/check.ts';
import { examineAll } from '../doctor/examine-all.ts';
import { countOf } from '../format/count-of.ts';
import { HINT_OPTIONS, parseHints } from '../parse/parse-hints.ts';
import type { CommandDefinition } from '../process/command.ts';
import { UsageError } from '../process/usage-error.ts';
import { findFunctions } from '../redrive/find-deployment.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `totesys doctor`: checks everything that a run needs, with the remedy of each fault. */
export const doctorCommand: CommandDefinition = {
  usage: 'doctor',
  summary: 'check everything that a run needs, and name the remedy of each fault',
  needs: [],
  options: [
    ...HINT_OPTIONS.slice(0, 1),
    { flags: '--terraform <folder>', text: 'also check the deployment whose Terraform folder this is' },
  ],
  notes:
    'It checks each place that is named: --source, --warehouse, --ingestion and --processed, or their environment ' +
    'variables. With --terraform it checks the functions, schedules and last runs of a deployment. It changes nothing.',
  run: async ({ model, places, options, terminal }) => {
    if (Object.keys(places).length === 0 && options.terraform === undefined) {
      throw new UsageError('No place is named: expected at least one of SOURCE_URL, WAREHOUSE_URL and LAKE.');
    }
    const usesHints = parseHints(options, process.env) !== 'off';
    const functions = options.terraform && (await findFunctions(String(options.terraform), process.env));
    const subject = { model, places, usesHints, now: Date.now };
    const checks = await examineAll(functions ? { ...subject, functions } : subject);
    for (const check of checks) printCheck(terminal, check);
    const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
    const [faults, warnings] = [count('fault'), count('warning')];
    terminal.print(`${countOf(checks.length, 'check')}: ${countOf(faults, 'fault')}, ${countOf(warnings, 'warning')}`);
    return { ok: faults === 0, command: 'doctor', checked: checks.length, faults, warnings, checks };
  },
};

function printCheck(terminal: Terminal, { area, subject, state, found, remedy }: Check): void {
  terminal.print(`${state.padEnd(8)}${area}: ${subject}: ${found}`);
  if (remedy !== undefined) terminal.print(`${' '.repeat(8)}${remedy}`);
}
