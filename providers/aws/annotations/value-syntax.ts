import { printable } from '../../../src/provider/adapter/printable.ts';
import { oneOf, type Parsed, type Syntax } from '../../../src/provider/adapter/value-syntax.ts';

export type Entries = Readonly<Record<string, string>>;

/** 50 tags of 128 and 256 characters, and what stands between them. */
export const longestValue = 20_000;

/** One of some words, in any case of letters. */
export function anyCaseOf<const Value extends string>(values: readonly Value[]): Syntax<Value> {
  const inner = oneOf(values);
  return { shape: inner.shape, parse: text => inner.parse(text.toLowerCase()) };
}

/** As Go's `strconv.ParseBool`, by which the peers read. */
export const flag: Syntax<boolean> = {
  shape: '`true`, `false`',
  parse: text => {
    if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return { value: true };
    if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return { value: false };
    return { fault: `${printable(text)} is neither true nor false` };
  },
};

export function wholeNumber(least: number, most: number): Syntax<number> {
  return {
    shape: `${least}–${most}`,
    parse: text => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most
        ? { value }
        : { fault: `${printable(text)} is no whole number from ${least} to ${most}` };
    },
  };
}

/** One text; `what` it is, for people. The pattern must be linear. */
export function textLike(pattern: RegExp, what: string, longest = 256): Syntax<string> {
  return {
    shape: what,
    parse: text =>
      text.length <= longest && pattern.test(text) ? { value: text } : { fault: `${printable(text)} is no ${what}` },
  };
}

/** Comma-separated, trimmed; empty entries and repeated ones are dropped. */
export function listOf(entry: Syntax<string>, most: number): Syntax<readonly string[]> {
  return {
    shape: `list: ${entry.shape}`,
    parse: text => {
      const texts = [...new Set(text.split(',').map(part => part.trim()))].filter(part => part !== '');
      if (texts.length > most) return { fault: `${texts.length} entries are too many: at most ${most}` };
      for (const one of texts) {
        const parsed = entry.parse(one);
        if ('fault' in parsed) return parsed;
      }
      return { value: texts };
    },
  };
}

/** `key=value,key2=value2`; `check` says what is wrong with one of them. */
export function mapOf(
  shape: string,
  most: number,
  check: (key: string, value: string) => string | undefined,
): Syntax<Entries> {
  return {
    shape,
    parse: text => {
      const read = parseMap(text);
      if ('fault' in read) return read;
      const entries = Object.entries(read.value);
      if (entries.length > most) return { fault: `${entries.length} entries are too many: at most ${most}` };
      const faults = entries.map(([key, value]) => check(key, value)).filter(fault => fault !== undefined);
      return faults.length === 0 ? read : { fault: faults.slice(0, 10).join(', ') };
    },
  };
}

/**
 * Pure.
 *
 * | text                  | →                                                             |
 * |-----------------------|---------------------------------------------------------------|
 * | `a=1, b=2`            | both, trimmed                                                 |
 * | `a=b=c`               | `a` is `b=c`: the first `=` divides                           |
 * | `a=`                  | `a` is empty                                                  |
 * | `"a,b"=" c "`, `a\,b=c` | quotes keep commas, `=` and blanks; so does a backslash its next character |
 * | `a`, `=1`, `a=1,a=2`  | fault: no `=`, no key, twice                                  |
 * | `a="1`, `a="1"2`      | fault: an open quote; something behind it                     |
 */
export function parseMap(text: string): Parsed<Entries> {
  const pairs = new Map<string, string>();
  for (const part of cutAt(text, ',')) {
    if (part.trim() === '') continue;
    const [left = '', ...rest] = cutAt(part, '=');
    if (rest.length === 0) return { fault: `${printable(part.trim())} is no key=value` };
    const key = unquote(left);
    const value = unquote(rest.join('='));
    if (key === undefined || value === undefined)
      return { fault: `the quotes in ${printable(part.trim())} do not fit` };
    if (key === '') return { fault: `${printable(part.trim())} has no key` };
    if (pairs.has(key)) return { fault: `the key ${printable(key)} is there twice` };
    pairs.set(key, value);
  }
  return { value: Object.fromEntries(pairs) };
}

/** Cuts where the sign stands outside quotes and without a backslash before it. A quote opens only at the beginning of a key or value. */
function cutAt(text: string, sign: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let fresh = true;
  for (let at = 0; at < text.length; at++) {
    const one = text[at];
    if (one === '\\') at++;
    else if (one === '"' && (quoted || fresh)) quoted = !quoted;
    else if (one === sign && !quoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
    fresh = one === ',' || one === '=' || (fresh && one === ' ');
  }
  return [...parts, text.slice(start)];
}

function unquote(text: string): string | undefined {
  const trimmed = text.trim();
  const inside = /^"((?:[^"\\]|\\.)*)"$/su.exec(trimmed)?.[1];
  if (inside === undefined && trimmed.startsWith('"')) return undefined;
  return (inside ?? trimmed).replaceAll(/\\(.)/gsu, '$1');
}
