import { type KubeClient, KubeError } from './client.ts';
import type { KubeList, KubeObject } from './objects.ts';

export interface ListOptions {
  readonly client: KubeClient;
  /** Of the collection: `/api/v1/services`. */
  readonly path: string;
  /** Selectors. */
  readonly query?: Readonly<Record<string, string>>;
  /** Objects a page. */
  readonly pageSize: number;
  readonly signal: AbortSignal;
}

/**
 * The pages of one list at the newest resourceVersion: without that parameter the API server reads through to etcd's majority, never a
 * cache that may be behind. All pages are of the first one's version; when that has become too old on the way, the 410 is thrown.
 */
export async function* listPages<T extends KubeObject>(options: ListOptions): AsyncGenerator<KubeList<T>> {
  const { client, path, query: selectors, pageSize, signal } = options;
  let next = '';
  do {
    const query = { ...selectors, limit: String(pageSize), ...(next !== '' && { continue: next }) };
    const page = await client.request<Partial<KubeList<T>>>({ method: 'GET', path, query, signal });
    const { items, metadata } = page;
    // Go writes an empty list as null where nobody took care.
    if (typeof metadata?.resourceVersion !== 'string' || (!Array.isArray(items) && items !== null)) {
      throw new KubeError(200, 'Unexpected', `the API server answered ${path} with something that is not a list`);
    }
    yield { metadata, items: items ?? [] };
    next = metadata.continue ?? '';
  } while (next !== '');
}
