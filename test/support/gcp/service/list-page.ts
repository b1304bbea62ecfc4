import { invalid } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import { parseFilter } from './filter.ts';

export type Query = Readonly<Record<string, string>>;

/** One page of a list, in the order of names, and the token of the next. A token belongs to its filter. */
export function pageOf(
  all: readonly Fields[],
  query: Query,
): { readonly items: readonly Fields[]; readonly nextPageToken?: string } {
  const size = Number(query['maxResults'] ?? 500);
  if (!Number.isInteger(size) || size < 0 || size > 500)
    throw invalid(`Invalid value for field 'maxResults': '${query['maxResults']}'. Must be between 0 and 500.`);
  const matches = all.filter(parseFilter(query['filter'] ?? '')).sort(orderOf(query['orderBy']));
  const from = query['pageToken'] === undefined ? 0 : matches.findIndex(one => keyOf(one) > parseToken(query));
  if (from < 0) return { items: [] };
  const items = matches.slice(from, from + size);
  const last = items.at(-1);
  if (last === undefined || from + size >= matches.length) return { items };
  return {
    items,
    nextPageToken: Buffer.from(JSON.stringify([query['filter'] ?? '', keyOf(last)])).toString('base64url'),
  };
}

const keyOf = (fields: Fields): string => String(fields['name'] ?? fields['instance']);

function orderOf(order: string | undefined): (a: Fields, b: Fields) => number {
  if (order !== undefined && order !== 'name')
    throw invalid(`Invalid value for field 'orderBy': '${order}'. Only name is supported here.`);
  return (a, b) => (keyOf(a) < keyOf(b) ? -1 : 1);
}

function parseToken(query: Query): string {
  try {
    const [filter, key] = JSON.parse(Buffer.from(query['pageToken'] ?? '', 'base64url').toString()) as [string, string];
    if (filter === (query['filter'] ?? '')) return key;
  } catch {
    // As wrong as one of another filter.
  }
  throw invalid(`Invalid value for field 'pageToken': '${query['pageToken']}'.`);
}
