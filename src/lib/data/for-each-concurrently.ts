/**
 * Awaits `visit` for every index below `count`, at most `limit` at a time, in order of start.
 * The first error ends it, once those already started have settled.
 */
export async function forEachConcurrently(
  count: number,
  limit: number,
  visit: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < count && !failed) {
      try {
        await visit(next++);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(limit, count) }, worker);
  const results = await Promise.allSettled(workers);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
