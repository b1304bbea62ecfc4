import { type FilterTable, passes, readFilters } from '../wire/filters.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { Operation } from './service.ts';

interface Described<Thing> {
  /** The parameter that names some, and what AWS says where one of them is not there. */
  readonly idParam: string;
  readonly notFound: string;
  readonly resultSet: string;
  all(account: Account): Iterable<Thing>;
  filters(account: Account): FilterTable<Thing>;
  xml(account: Account, thing: Thing): Answer;
}

/** All Describe actions of EC2 are alike: by ids, all of which must be there, by filters, in pages. */
export function describeEc2<Thing extends { readonly id: string; readonly tags: ReadonlyMap<string, string> }>(
  described: Described<Thing>,
): Operation {
  return params => {
    const ids = params.texts(described.idParam) ?? [];
    const filters = readFilters(params);
    const max = params.within('MaxResults', 5, 1_000);
    const start = Number(params.optional('NextToken') ?? 0);
    if (max !== undefined && ids.length > 0)
      throw new Refusal('InvalidParameterCombination', `${described.idParam} and MaxResults exclude each other`);
    if (!Number.isInteger(start)) throw new Refusal('InvalidNextToken', 'The token is invalid');
    return account => {
      const things = [...described.all(account)];
      const missing = ids.find(id => !things.some(thing => thing.id === id));
      if (missing !== undefined) throw new Refusal(described.notFound, `The ID '${missing}' does not exist`);
      const table = described.filters(account);
      const chosen = things.filter(
        thing => (ids.length === 0 || ids.includes(thing.id)) && passes(filters, table, thing),
      );
      const end = start + (max ?? chosen.length);
      return {
        [described.resultSet]: chosen.slice(start, end).map(thing => described.xml(account, thing)),
        nextToken: end < chosen.length ? String(end) : undefined,
      };
    };
  };
}
