import type { Params } from './params.ts';
import { Refusal } from './refusal.ts';

const maxPage = 400;

/** Reads `PageSize` and `Marker`, and answers a function that cuts the page. The marker is opaque: nobody should look into it. */
export function readPage(params: Params) {
  const size = params.within('PageSize', 1, maxPage) ?? maxPage;
  const marker = params.optional('Marker');
  return <T>(all: readonly T[]): { readonly page: readonly T[]; readonly next: string | undefined } => {
    const start = marker === undefined ? 0 : offsetOf(marker);
    const end = start + size;
    return { page: all.slice(start, end), next: end < all.length ? markerAt(end) : undefined };
  };
}

function markerAt(offset: number): string {
  return Buffer.from(`page ${offset}`).toString('base64url');
}

function offsetOf(marker: string): number {
  const match = /^page (\d+)$/.exec(Buffer.from(marker, 'base64url').toString());
  if (match === null) throw new Refusal('ValidationError', 'The specified marker is not valid');
  return Number(match[1]);
}
