/** The signals that stop a command. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborted by the first signal to stop; `onSecond` hears the next one, of an operator who does not wait for the first to take effect. */
export function listenForInterruption(onSecond: () => void): AbortSignal {
  const interruption = new AbortController();
  const stop = () => (interruption.signal.aborted ? onSecond() : interruption.abort());
  for (const signal of SIGNALS) process.on(signal, stop);
  return interruption.signal;
}
