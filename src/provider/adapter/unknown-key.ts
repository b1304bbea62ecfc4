import { nearest } from './nearest.ts';
import { printable } from './printable.ts';

/** What to say to an operator whose config has a key that the provider does not know. Pure. */
export function unknownKey(key: string, known: readonly string[]): string {
  const close = nearest(key.slice(0, 40), known);
  const remedy = close === undefined ? `use ${known.join(', ')}` : `is ${close} meant?`;
  return `config.${/^\w{1,40}$/.test(key) ? key : printable(key)} is not known: ${remedy}`;
}
