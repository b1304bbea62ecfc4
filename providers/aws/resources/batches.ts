import { isNotFound } from '../client/classify-error.ts';

/** The list in parts of at most `most`, in its order. Pure. */
export function batches<Item>(items: readonly Item[], most: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, at) => items.slice(at * most, (at + 1) * most));
}

/**
 * What there is of these, asked for in batches side by side. AWS refuses a whole batch where one of it is gone, so that batch is halved until
 * what is gone is left out.
 */
export async function describedInBatches<Key, Found>(
  parts: readonly (readonly Key[])[],
  describe: (some: Key[]) => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  const found = await Promise.all(parts.map(part => describedOf(part, describe)));
  return found.flat();
}

async function describedOf<Key, Found>(
  part: readonly Key[],
  describe: (some: Key[]) => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  try {
    return await describe([...part]);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    if (part.length <= 1) return [];
    return describedInBatches(batches(part, Math.ceil(part.length / 2)), describe);
  }
}
