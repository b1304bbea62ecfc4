import type { Params } from './params.ts';
import { Refusal } from './refusal.ts';
import type { Answer } from './xml.ts';

/** What an attribute may be, by its key. */
export type AttributeTable = Readonly<Record<string, (value: string) => boolean>>;

export const isFlag = (value: string): boolean => value === 'true' || value === 'false';
export const isText = (): boolean => true;
export const isOneOf =
  (...words: readonly string[]) =>
  (value: string): boolean =>
    words.includes(value);
export const isWithin =
  (from: number, to: number) =>
  (value: string): boolean =>
    /^\d{1,6}$/.test(value) && Number(value) >= from && Number(value) <= to;

/** Reads `Attributes`, all of which the table must know. */
export function readAttributes(params: Params, table: AttributeTable): ReadonlyMap<string, string> {
  const list =
    params.structs('Attributes', item => [item.required('Key'), item.optional('Value') ?? ''] as const) ?? [];
  if (list.length === 0) throw new Refusal('ValidationError', 'At least one attribute must be given');
  for (const [key, value] of list) {
    const isValid = Object.hasOwn(table, key) ? table[key] : undefined;
    if (isValid === undefined)
      throw new Refusal('InvalidConfigurationRequest', `Attribute key '${key}' is not recognized`);
    if (!isValid(value))
      throw new Refusal('InvalidConfigurationRequest', `Attribute '${key}' cannot have the value '${value}'`);
  }
  return new Map(list);
}

export function attributesXml(attributes: ReadonlyMap<string, string>): Answer {
  return { Attributes: [...attributes].map(([key, value]) => ({ Key: key, Value: value })) };
}
