const names = new Intl.DisplayNames('en', { type: 'currency', fallback: 'code' });

/** Returns the English name of an ISO 4217 code from CLDR, or the code itself when it has no name. */
export function currencyName(code: string): string {
  // Intl throws for a text that cannot be a code, and the source may hold such a text.
  if (!/^[A-Z]{3}$/i.test(code)) return code;
  const name = names.of(code.toUpperCase());
  return name === undefined || name === code.toUpperCase() ? code : name;
}
