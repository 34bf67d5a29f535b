/** The state of stdout and stderr; `fault` is the reason why a write failed. */
export interface Output {
  readonly fault: string | undefined;
}

/**
 * Watches stdout and stderr for faults. A reader that closes the pipe, as `| head -1` does, is not a fault: the
 * command goes on to its end. Without a listener Node would end the process at the first write after that.
 */
export function watchOutput(): Output {
  const output: { fault: string | undefined } = { fault: undefined };
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code !== 'EPIPE') output.fault ??= code ?? message;
    });
  }
  return output;
}
