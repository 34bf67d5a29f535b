/** What became of the command's output; `fault` is why something of it could not be written. */
export interface Output {
  readonly fault: string | undefined;
}

/**
 * Lets the command go on to its end where nobody reads on, as in `| head -1`: that is no fault of it, and work in progress must not end in its
 * middle for it. Without this Node would end the process at the first line that comes too late.
 */
export function outliveReaders(): Output {
  const output: { fault: string | undefined } = { fault: undefined };
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code !== 'EPIPE') output.fault ??= code ?? message;
    });
  }
  return output;
}
