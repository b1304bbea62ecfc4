/** Runs `run` and collects the rejections that nobody has handled by its end; nobody else is told of them. */
export async function collectUnhandled<Answer>(
  run: () => Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly unhandled: readonly unknown[] }> {
  const others = process.listeners('unhandledRejection');
  const unhandled: unknown[] = [];
  const collect = (error: unknown): void => void unhandled.push(error);
  for (const other of others) process.off('unhandledRejection', other);
  process.on('unhandledRejection', collect);
  try {
    const answer = await run();
    // Node tells of them when both its tick and its microtask queue are empty.
    await new Promise(resolve => setImmediate(resolve));
    return { answer, unhandled };
  } finally {
    process.off('unhandledRejection', collect);
    for (const other of others) process.on('unhandledRejection', other);
  }
}
