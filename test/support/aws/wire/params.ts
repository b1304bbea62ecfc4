import { Refusal } from './refusal.ts';

/** How one service writes lists, and what it calls a wrong request. */
export interface Dialect {
  /** Of a list: `Names.member.1` or `GroupId.1`. */
  readonly listInfix: readonly string[];
  readonly malformed: string;
  readonly missing: string;
  readonly unknown: string;
}

/**
 * The parameters of one request, as a tree: `Tags.member.1.Key=a` is `a` under Tags, member, 1, Key. What nobody has read when the operation
 * has read its own is unknown to it, and `refuseUnknown` says so: nothing is ignored.
 */
export class Params {
  readonly #dialect: Dialect;
  readonly #path: string;
  readonly #children = new Map<string, Params>();
  #value: string | undefined;
  #isRead = false;

  constructor(dialect: Dialect, path = '') {
    this.#dialect = dialect;
    this.#path = path;
  }

  static parse(dialect: Dialect, entries: Iterable<readonly [string, string]>): Params {
    const root = new Params(dialect);
    for (const [key, value] of entries) {
      let node = root;
      for (const part of key.split('.')) node = node.#childOrNew(part);
      node.#value = value;
    }
    return root;
  }

  optional(name: string): string | undefined {
    const child = this.#children.get(name);
    return child === undefined ? undefined : child.#read();
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined || value === '')
      throw new Refusal(this.#dialect.missing, `The request must contain the parameter ${this.#path}${name}`);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,9}$/.test(value)) throw this.malformed(name, value, 'it must be an integer');
    return Number(value);
  }

  /** An integer with bounds. */
  within(name: string, from: number, to: number): number | undefined {
    const value = this.integer(name);
    if (value !== undefined && (value < from || value > to))
      throw this.malformed(name, String(value), `it must be between ${from} and ${to}`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw this.malformed(name, value, 'it must be true or false');
    return value === 'true';
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    const word = words.find(candidate => candidate === value);
    if (word === undefined) throw this.malformed(name, value, `it must be one of ${words.join(', ')}`);
    return word;
  }

  /** `undefined` where the list was not sent; an empty one is sent as the bare name. */
  texts(name: string): readonly string[] | undefined {
    return this.#items(name)?.map(item => item.#read() ?? '');
  }

  structs<T>(name: string, read: (item: Params) => T): readonly T[] | undefined {
    return this.#items(name)?.map(read);
  }

  struct<T>(name: string, read: (item: Params) => T): T | undefined {
    const child = this.#children.get(name);
    return child === undefined ? undefined : read(child);
  }

  refuseUnknown(): void {
    const path = this.#unread();
    if (path !== undefined) throw new Refusal(this.#dialect.unknown, `The parameter ${path} is not recognized`);
  }

  malformed(name: string, value: string, why: string): Refusal {
    return new Refusal(this.#dialect.malformed, `Value '${value}' at '${this.#path}${name}' is not valid: ${why}`);
  }

  childrenByName(): ReadonlyMap<string, Params> {
    return this.#children;
  }

  #read(): string | undefined {
    this.#isRead = true;
    return this.#value;
  }

  #items(name: string): readonly Params[] | undefined {
    const list = this.#children.get(name);
    if (list === undefined) return undefined;
    if (list.#read() === '') return [];
    let children: ReadonlyMap<string, Params> = list.#children;
    for (const part of this.#dialect.listInfix) children = children.get(part)?.childrenByName() ?? new Map();
    const numbered = [...children].filter(([key]) => /^\d+$/.test(key));
    return numbered.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
  }

  #unread(): string | undefined {
    if (this.#value !== undefined && !this.#isRead) return this.#path.slice(0, -1);
    for (const child of this.#children.values()) {
      const path = child.#unread();
      if (path !== undefined) return path;
    }
    return undefined;
  }

  #childOrNew(part: string): Params {
    const child = this.#children.get(part) ?? new Params(this.#dialect, `${this.#path}${part}.`);
    this.#children.set(part, child);
    return child;
  }
}
