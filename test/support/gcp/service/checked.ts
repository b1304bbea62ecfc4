import { collections } from '../kinds/kinds.ts';
import type { Route } from '../schema/schema.ts';
import type { ApiError } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import type { Query } from './list-page.ts';

/** A request that has passed every check of its shape. */
export interface Checked {
  readonly route: Route;
  /** After `/compute/v1/`: of an object, a collection, or one of an object's own methods. */
  readonly path: string;
  readonly query: Query;
  readonly body: Fields;
  /** The operation of this change is to fail, whatever comes. */
  readonly failure: ApiError | undefined;
}

export const withoutAction = (path: string): string => path.slice(0, path.lastIndexOf('/'));
export const collectionOf = ({ service }: Route): string => collections[service] ?? '';
