import { type LabelSelector, parseLabelSelector } from './label-selector.ts';

type Fields = Readonly<Record<string, unknown>>;

const longestText = 320;

/**
 * Reads the fields of an object that came as JSON, and gathers what is wrong with them, each in one line for the operator. Every answer can
 * be worked with, so that all faults are told at once; what was read counts only when there are none.
 */
export class SpecReader {
  readonly faults: string[];
  readonly #fields: Fields;
  readonly #path: string;

  constructor(value: unknown, path: string, faults: string[] = []) {
    this.faults = faults;
    this.#path = path;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#fields = isObject ? (value as Fields) : {};
    if (!isObject) this.fault('', 'must be an object');
  }

  /** For what is typed by hand and checked by nobody else. */
  refuseOthers(known: readonly string[]): void {
    for (const key of Object.keys(this.#fields)) {
      if (!known.includes(key)) this.fault(key.slice(0, longestText), `is not known: use ${known.join(', ')}`);
    }
  }

  has(key: string): boolean {
    return this.#fields[key] !== undefined && this.#fields[key] !== null;
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.has(key) ? this.#fields[key] : otherwise;
    if (typeof value === 'boolean') return value;
    this.fault(key, 'must be true or false');
    return otherwise;
  }

  wholeNumber(key: string, otherwise: number, most: number): number {
    const value = this.has(key) ? this.#fields[key] : otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
    this.fault(key, `must be a whole number from 0 to ${most}`);
    return otherwise;
  }

  text(key: string, otherwise: string): string {
    const value = this.has(key) ? this.#fields[key] : otherwise;
    if (isText(value)) return value;
    this.fault(key, `must be a text of at most ${longestText} characters`);
    return otherwise;
  }

  texts(key: string, most: number): readonly string[] {
    const values = this.list(key, most);
    if (values.every(isText)) return values;
    this.fault(key, `must be a list of texts of at most ${longestText} characters`);
    return [];
  }

  selectors(key: string): readonly LabelSelector[] {
    const selectors = this.list(key, 100).map(parseLabelSelector);
    if (selectors.every(one => one !== undefined)) return selectors;
    this.fault(key, 'must be a list of label selectors, each with matchLabels or matchExpressions');
    return [];
  }

  selector(key: string): LabelSelector | undefined {
    const selector = parseLabelSelector(this.#fields[key]);
    if (selector === undefined) this.fault(key, 'must be a label selector, with matchLabels or matchExpressions');
    return selector;
  }

  list(key: string, most: number): readonly unknown[] {
    const value = this.has(key) ? this.#fields[key] : [];
    if (Array.isArray(value) && value.length <= most) return value as readonly unknown[];
    this.fault(key, `must be a list of at most ${most}`);
    return [];
  }

  /** What stands in a field, to be read in the same way; its faults are told here. */
  inner(key: string): SpecReader {
    return new SpecReader(this.has(key) ? this.#fields[key] : {}, this.#at(key), this.faults);
  }

  each(key: string, most: number): readonly SpecReader[] {
    return this.list(key, most).map((value, index) => new SpecReader(value, `${this.#at(key)}[${index}]`, this.faults));
  }

  fault(key: string, what: string): void {
    this.faults.push(`${this.#at(key)} ${what}`);
  }

  #at(key: string): string {
    return [this.#path, key].filter(part => part !== '').join('.');
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestText;
}
