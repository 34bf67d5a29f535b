/**
 * Settles as `work` does, or rejects with a TimeoutError after the limit: some waits of an SDK, such as that for
 * credentials, have no limit.
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
