/** The signals that stop a command. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Returns a signal that the first SIGINT, SIGTERM or SIGHUP aborts; each later one calls `onRepeated`. */
export function listenForSignals(onRepeated: () => void): AbortSignal {
  const interruption = new AbortController();
  const stop = () => (interruption.signal.aborted ? onRepeated() : interruption.abort());
  for (const signal of SIGNALS) process.on(signal, stop);
  return interruption.signal;
}
