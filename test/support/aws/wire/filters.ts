import type { Params } from './params.ts';
import { Refusal } from './refusal.ts';

/** What a filter of a Describe looks at, by its name. */
export type FilterTable<Thing> = Readonly<Record<string, (thing: Thing) => readonly (string | undefined)[]>>;

interface Filter {
  readonly name: string;
  readonly values: readonly RegExp[];
}

export function readFilters(params: Params): readonly Filter[] {
  const filters = params.structs('Filter', item => ({
    name: item.required('Name'),
    values: (item.texts('Value') ?? []).map(asPattern),
  }));
  const empty = filters?.find(({ values }) => values.length === 0);
  if (empty !== undefined)
    throw new Refusal('InvalidParameterValue', `The filter '${empty.name}' needs at least one value`);
  return filters ?? [];
}

/** All filters must hold; each by any of its values. Beside the table's, `tag-key` and `tag:…` are known. */
export function passes<Thing extends { readonly tags: ReadonlyMap<string, string> }>(
  filters: readonly Filter[],
  table: FilterTable<Thing>,
  thing: Thing,
): boolean {
  return filters.every(({ name, values }) => {
    const present = look(name, table, thing);
    return values.some(pattern => present.some(value => value !== undefined && pattern.test(value)));
  });
}

function look<Thing extends { readonly tags: ReadonlyMap<string, string> }>(
  name: string,
  table: FilterTable<Thing>,
  thing: Thing,
): readonly (string | undefined)[] {
  if (name === 'tag-key') return [...thing.tags.keys()];
  if (name.startsWith('tag:')) return [thing.tags.get(name.slice('tag:'.length))];
  const field = Object.hasOwn(table, name) ? table[name] : undefined;
  if (field === undefined) throw new Refusal('InvalidParameterValue', `The filter '${name}' is invalid`);
  return field(thing);
}

/** `*` stands for any characters, `?` for one. */
function asPattern(value: string): RegExp {
  const source = value
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
