import { invalid } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';

export const textOf = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const listOf = (fields: Fields, name: string): readonly string[] => partsOf(fields, name) as readonly never[];

/** A list of messages. */
export function partsOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? (value as readonly Fields[]) : [];
}

export const partOf = (fields: Fields, name: string): Fields | undefined => {
  const value = fields[name];
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
};

/** A whole number between two bounds, or the default where there is none. */
export function numberOf(fields: Fields, name: string, least: number, most: number, otherwise: number): number {
  const value = fields[name] ?? otherwise;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw invalid(
    `Invalid value for field 'resource.${name}': ${JSON.stringify(value)}. Must be between ${least} and ${most}.`,
  );
}

/** One of the API's constants: it has listed more than this kind of balancer takes. */
export function oneOf(fields: Fields, name: string, values: readonly string[], otherwise: string): string {
  const value = textOf(fields, name) ?? otherwise;
  if (values.includes(value)) return value;
  throw invalid(`Invalid value for field 'resource.${name}': '${value}'. Must be one of ${values.join(', ')}.`);
}

/** Fields that are there from the beginning to the end. */
export function checkUnchanged(before: Fields, after: Fields, names: readonly string[]): void {
  for (const name of names) {
    if (plain(before[name]) === plain(after[name])) continue;
    throw invalid(`Invalid value for field 'resource.${name}': '${String(after[name])}'. The field cannot be changed.`);
  }
}

/** `false`, an empty text and an empty list are as good as nothing. */
function plain(value: unknown): string {
  const nothing =
    value === undefined ||
    value === null ||
    value === false ||
    value === '' ||
    (Array.isArray(value) && value.length === 0);
  return nothing ? '' : JSON.stringify(value);
}
