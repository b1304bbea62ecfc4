import { isDnsLabel, quoted, refuse } from './kinds.ts';
import type { Kind } from './option.ts';

/** One provider instance, as the operator names it. */
export interface ProviderSpec {
  /** A DNS label of at most 40 characters: with `fairlead.dev/` in front it is the finalizer, so renaming an instance orphans its Services. */
  readonly name: string;
  /** A built-in name, an npm specifier, or the path of a file. */
  readonly module: string;
  /** The `spec.loadBalancerClass` values that this instance serves. */
  readonly classes: readonly string[];
  /** Whether it also serves Services without a class. */
  readonly isDefault: boolean;
  /** Absent: the provider gets `undefined`. */
  readonly config?: ProviderConfigSource;
}

export type ProviderConfigSource =
  /** A file of JSON, read by `readProviderConfig`. */
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'inline'; readonly value: unknown };

/** `name=module[,class=<class>]…[,default][,config=<path or {JSON}>]`; `config` comes last, so JSON may contain commas. `aws` is `aws=aws`. */
export const providerSpec: Kind<ProviderSpec> = {
  placeholder: '<name=module,…>',
  read: readProviderSpec,
  print(spec) {
    const parts = [`${spec.name}=${spec.module}`, ...spec.classes.map(one => `class=${one}`)];
    if (spec.isDefault) parts.push('default');
    // Inline configuration may hold credentials; its place is shown, its text never.
    if (spec.config !== undefined) parts.push(`config=${spec.config.kind === 'file' ? spec.config.path : '(inline)'}`);
    return parts.join(',');
  },
};

const form = 'write name=module[,class=<class>]…[,default][,config=<path or {JSON}>], config last';

function readProviderSpec(text: string): ProviderSpec {
  const [head, config] = splitOff(text, ',config=');
  const [first = '', ...rest] = head.split(',').map(part => part.trim());
  const [name, given] = splitOff(first, '=');
  const module = given ?? (isDnsLabel(first, 40) ? first : undefined);
  if (module === undefined || module === '') return refuse(`${quoted(first)} names no module: ${form}`);
  if (!isDnsLabel(name, 40)) {
    return refuse(
      `the instance name ${quoted(name)} must be lower-case letters, digits and inner dashes, at most 40 long`,
    );
  }
  const classes = rest.filter(part => part !== 'default').map(part => readClass(name, part));
  const base = { name, module, classes, isDefault: rest.includes('default') };
  return config === undefined ? base : { ...base, config: readSource(name, config) };
}

function splitOff(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** As kube-apiserver checks `spec.loadBalancerClass`: a label key (ValidateQualifiedName). */
const labelKey =
  /^(?:(?=[^/]{1,253}\/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?(?=[^/]{1,63}$)[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$/;

function readClass(instance: string, part: string): string {
  const [word, value] = splitOff(part, '=');
  if (word !== 'class' || value === undefined)
    return refuse(`provider ${instance}: ${quoted(word)} is not known: ${form}`);
  if (labelKey.test(value)) return value;
  return refuse(
    `provider ${instance}: ${quoted(value)} cannot be a loadBalancerClass: write one such as example.com/internal`,
  );
}

/** The text is never part of an error: it may hold credentials. */
function readSource(instance: string, text: string): ProviderConfigSource {
  if (text === '') return refuse(`provider ${instance}: config is empty: give a path or JSON, or leave it out`);
  if (!text.startsWith('{')) return { kind: 'file', path: text };
  try {
    return { kind: 'inline', value: JSON.parse(text) as unknown };
  } catch {
    return refuse(
      `provider ${instance}: the inline config is not valid JSON: correct it, or put it into a file and give its path`,
    );
  }
}
