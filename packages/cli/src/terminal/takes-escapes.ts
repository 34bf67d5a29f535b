/** Whether a stream is a terminal that understands escape sequences; `TERM=dumb` says that it does not. */
export function takesEscapes(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}
