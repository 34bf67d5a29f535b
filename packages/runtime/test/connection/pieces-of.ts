/** The shortest piece of a password that counts as repeated: characters. */
const PIECE = 4;

/** Returns each run of four characters of a password: no message may show one of them. */
export function piecesOf(password: string): string[] {
  return Array.from({ length: password.length - PIECE + 1 }, (_, start) => password.slice(start, start + PIECE));
}
