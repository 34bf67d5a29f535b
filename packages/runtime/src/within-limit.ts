/**
 * Settles as `work` does, or rejects after the limit: with the error `late`, or with a TimeoutError of this message.
 * Some waits of an SDK, such as that for credentials, have no limit.
 */
export async function withinLimit<T>(timeoutMs: number, late: string | Error, work: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const fail = () => reject(late instanceof Error ? late : Object.assign(new Error(late), { name: 'TimeoutError' }));
    timer = setTimeout(fail, timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
