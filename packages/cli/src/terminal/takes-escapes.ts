/** Returns whether a stream is a terminal that understands escape sequences; with `TERM=dumb` it does not. */
export function takesEscapes(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}
