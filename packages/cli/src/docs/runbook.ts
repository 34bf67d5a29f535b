/** `docs/runbook.md`, from the error codes' doc comments in the text of `errors.ts`. */
export function renderRunbook(errorsSource: string): string {
  const entries = [...errorsSource.matchAll(/\/\*\* ([^*]+) \*\/\s+([A-Z_]+) = '\2'/g)];
  return [
    '# Runbook',
    '',
    '<!-- Generated from packages/runtime/src/errors.ts by `make docs`; a test fails when it is out of date. -->',
    '',
    'Every fault has a code: in the log line, in the JSON of a command, in the message of an alarm. What it means, whether a retry',
    'helps, and what to do:',
    '',
    '| code | what it means and what to do |',
    '|---|---|',
    ...entries.map(([, text, code]) => `| \`${code}\` | ${text} |`),
    '',
    '## First looks',
    '',
    '| you want to know | run |',
    '|---|---|',
    '| what waits where | `totesys status` (with `--source`: changes not yet read) |',
    '| whether the warehouse is right | `totesys reconcile` |',
    '| why a batch does not load | `totesys batch show N` |',
    '',
    '## Ways on',
    '',
    '| what stopped | way on |',
    '|---|---|',
    '| many rows of a batch are in quarantine (`QUARANTINE_THRESHOLD`) | mend the source; or `totesys batch accept N` |',
    '| a large share of a table is gone (`DELETES_UNUSUAL`) | put the rows back; or `totesys accept deletes TABLE` |',
    '| a killed or doubled stage | nothing: the next run continues from the last manifest |',
    '',
  ].join('\n');
}
