import { invalid } from '../world/api-error.ts';

export const apiRoot = 'https://www.googleapis.com/compute/v1/';
const urls = /^https:\/\/(?:www|compute)\.googleapis\.com\/compute\/v1\//;

/** Where an object lies: `projects/p/regions/r`, `projects/p/zones/z`, `projects/p/global`. */
export const scopeOf = (path: string): string => path.split('/').slice(0, -2).join('/');
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const projectOf = (path: string): string => path.split('/').slice(0, 2).join('/');
export const urlOf = (path: string): string => `${apiRoot}${path}`;

/**
 * The path that a field names: a URL, a path from `projects/` or one from `regions/`, `zones/`, `global/`. Anything else is malformed, and
 * another collection than the field is for is refused.
 *
 * | text                                                  | from project p → |
 * |-------------------------------------------------------|------------------|
 * | `https://www.googleapis.com/compute/v1/projects/q/…`  | `projects/q/…`   |
 * | `projects/q/regions/r/addresses/a`                    | as it is         |
 * | `regions/r/addresses/a`                               | `projects/p/…`   |
 * | `a`                                                   | refused          |
 */
export function parseReference(text: unknown, field: string, collections: readonly string[], project: string): string {
  const path = typeof text === 'string' ? withProject(text.replace(urls, ''), project) : '';
  const [, collection] = /^projects\/[^/]+\/(?:global|(?:regions|zones)\/[^/]+)\/([^/]+)\/[^/]+$/.exec(path) ?? [];
  if (collection !== undefined && collections.includes(collection)) return path;
  throw invalid(`Invalid value for field '${field}': '${String(text)}'. The URL is malformed.`);
}

const withProject = (text: string, project: string): string =>
  /^(?:regions|zones|global)\//.test(text) ? `${project}/${text}` : text;

/** Whether a field is a URL in full: groups of backends have to be. */
export const isUrl = (text: unknown): boolean => typeof text === 'string' && urls.test(text);
