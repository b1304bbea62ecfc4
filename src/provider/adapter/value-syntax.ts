import { printable } from './printable.ts';

/** How the value of an annotation is written. Values are tenants': every parser is bounded, and linear in what it reads. */
export interface Syntax<Value> {
  /** For the reference page. */
  readonly shape: string;
  parse(text: string): Parsed<Value>;
}

/** `fault` goes on after the annotation's name: it shows the bad part and says what is allowed. */
export type Parsed<Value> = { readonly value: Value } | { readonly fault: string };

/** Words, and what each of them means. */
export function choice<Value>(meanings: Readonly<Record<string, Value>>): Syntax<Value> {
  const words = new Map(Object.entries(meanings));
  const names = [...words.keys()];
  return {
    shape: names.map(name => `\`${name}\``).join(', '),
    parse: text => {
      const value = words.get(text);
      return value === undefined ? { fault: `${printable(text)} is not one of ${names.join(', ')}` } : { value };
    },
  };
}

export function oneOf<const Value extends string>(values: readonly Value[]): Syntax<Value> {
  return choice(Object.fromEntries(values.map(value => [value, value])) as Record<Value, Value>);
}
