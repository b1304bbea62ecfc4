/** All side by side; all have ended when it does, so that nothing goes on behind an error. Throws the first one. */
export async function together<Value>(all: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const ends = await Promise.allSettled(all);
  const failed = ends.find(end => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return ends.flatMap(end => (end.status === 'fulfilled' ? [end.value] : []));
}
