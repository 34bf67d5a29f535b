const names = new Intl.DisplayNames('en', { type: 'currency', fallback: 'code' });

/** The English name of an ISO 4217 code, as CLDR gives it; the code itself where there is none. */
export function currencyName(code: string): string {
  // Intl throws for what cannot be a code at all, which a source may hold all the same.
  if (!/^[A-Z]{3}$/i.test(code)) return code;
  const name = names.of(code.toUpperCase());
  return name === undefined || name === code.toUpperCase() ? code : name;
}
