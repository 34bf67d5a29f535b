import { TYPE_CASES, type TypeCase } from './type-cases.ts';

/** Returns the table in `docs/types.md`: for each type the values that arrive exactly, and those in quarantine. */
export function renderTypeTable(): string {
  return [
    '| type in the source | carried exactly | in quarantine, with the reason |',
    '|---|---|---|',
    ...TYPE_CASES.map(({ declared, cases }) => {
      const exact = cases.filter(({ reason }) => reason === undefined);
      const refused = cases.filter(({ reason }) => reason !== undefined);
      const reasons = refused.map((value) => `${renderValue(value)}: ${value.reason}`);
      return `| ${declared} | ${exact.map(renderValue).join(', ')} | ${reasons.join(', ')} |`;
    }),
  ].join('\n');
}

// A bar would end the cell of the table.
function renderValue({ shown }: TypeCase): string {
  return shown === '` `' ? 'a space' : shown.replaceAll('|', '\\|');
}
