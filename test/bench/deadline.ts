/** What `promise` gives, or an error that names what did not happen in time. Nothing in the bench waits without this. */
export async function within<Result>(limitMs: number, what: string, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${Math.round(limitMs / 1_000)} s: ${what}`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms);
  });
}

/** Asks every `everyMs` until the answer is not undefined. */
export async function poll<Result>(
  { limitMs, everyMs, what }: { readonly limitMs: number; readonly everyMs: number; readonly what: string },
  ask: () => Promise<Result | undefined> | Result | undefined,
): Promise<Result> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`not within ${Math.round(limitMs / 1_000)} s: ${what}`);
    await pause(everyMs);
  }
}

/** Runs `work` for every item, `atOnce` at a time. */
export async function eachAtOnce<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
