/** Returns the table of error codes in `docs/runbook.md`, from the doc comments in the text of `errors.ts`. */
export function renderErrorCodes(errorsSource: string): string {
  const entries = [...errorsSource.matchAll(/\/\*\*((?:[^*]|\*(?!\/))+)\*\/\s+([A-Z_]+) = '\2'/g)];
  return [
    '| code | what it means and what to do |',
    '|---|---|',
    ...entries.map(([, text = '', code]) => `| \`${code}\` | ${text.replace(/\s*\n\s*\* ?|\s+/g, ' ').trim()} |`),
  ].join('\n');
}
