/** Returns why a text cannot be the connection URL of a place, without any part of it, or undefined if it can. */
export function findUrlFault(place: string, url: string): string | undefined {
  // As in packages/runtime: an @ after the end of the host belongs to a password that is not encoded.
  const isProven = /^postgres(ql)?:\/\/[^/?#]*@[^/?#@]+\/[^/?#@]+(\?[^#@]*)?$/i.test(url);
  if (isProven && URL.canParse(url)) return undefined;
  return (
    `The URL of the ${place} is not a connection URL: expected ` +
    'postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full, with special characters percent-encoded.'
  );
}
