import { printable } from '../../../src/provider/adapter/printable.ts';
import { choice, type Syntax } from '../../../src/provider/adapter/value-syntax.ts';

/** Two names of 63 characters, and what stands between them; a path of a health check has 1,024. */
export const longestValue = 2_000;

export const flag: Syntax<boolean> = choice({ true: true, false: false });

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
export function textLike(pattern: RegExp, what: string, longest: number): Syntax<string> {
  return {
    shape: what,
    parse: text =>
      text.length <= longest && pattern.test(text) ? { value: text } : { fault: `${printable(text)} is no ${what}` },
  };
}

/** Of everything in Compute Engine: RFC 1035, at most 63 characters. */
export const objectName = textLike(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/, 'name', 63);

/** Comma-separated, trimmed; empty entries and repeated ones are dropped. */
export function listOf(entry: Syntax<string>, most: number): Syntax<readonly string[]> {
  return {
    shape: `at most ${most}, with commas between: ${entry.shape}`,
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
