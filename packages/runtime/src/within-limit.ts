/**
 * Settles as `work` does, or rejects with a TimeoutError after the limit: some waits of an SDK, as for credentials,
 * have none.
 */
export async function withinLimit<T>(timeoutMs: number, late: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error(late), { name: 'TimeoutError' })), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
