import type { Capabilities, Provider } from './provider.ts';

type Check = (value: unknown) => boolean;
type Values = Readonly<Record<string, unknown>>;

/** The empty text as a prefix would let everything through: never wanted of annotations, which others write for others. */
const isText: Check = value => typeof value === 'string' && value !== '';
const isFlag: Check = value => typeof value === 'boolean';
const isFunction: Check = value => typeof value === 'function';
const isListOf =
  (allowed: Check, least: number): Check =>
  value =>
    Array.isArray(value) && value.length >= least && value.every(allowed);
const isCount: Check = value => Number.isInteger(value) && Number(value) > 0;
const optional =
  (check: Check): Check =>
  value =>
    value === undefined || check(value);
const oneOf =
  (...words: readonly unknown[]): Check =>
  value =>
    words.includes(value);

const members = {
  needs: [isFunction, 'a function'],
  restore: [optional(isFunction), 'a function, or absent'],
  ensureLoadBalancer: [isFunction, 'a function'],
  ensureLoadBalancerDeleted: [isFunction, 'a function'],
  listLoadBalancers: [optional(isFunction), 'a function, or absent'],
  createAnnouncer: [optional(isFunction), 'a function, or absent'],
  advertisement: [optional(isFunction), 'a function, or absent'],
  close: [optional(isFunction), 'a function, or absent'],
} as const satisfies Record<Exclude<keyof Provider, 'contractVersion' | 'capabilities'>, readonly [Check, string]>;

const capabilities = {
  protocols: [isListOf(oneOf('TCP', 'UDP', 'SCTP'), 1), 'a list of TCP, UDP, SCTP'],
  mixedProtocols: [isFlag, 'true or false'],
  ipFamilies: [isListOf(oneOf('IPv4', 'IPv6'), 1), 'a list of IPv4, IPv6'],
  dualStack: [isFlag, 'true or false'],
  sourceRanges: [isFlag, 'true or false'],
  sessionAffinity: [isFlag, 'true or false'],
  keepsOutside: [isFlag, 'true or false'],
  annotationPrefixes: [isListOf(isText, 0), 'a list of non-empty texts'],
  restrictedAnnotations: [optional(isListOf(isText, 0)), 'a list of non-empty texts, or absent'],
  nodeSelectorAnnotation: [optional(isText), 'a non-empty text, or absent'],
  labelPrefixes: [isListOf(value => typeof value === 'string', 0), 'a list of texts'],
  maxListeners: [optional(isCount), 'a whole number above 0, or absent'],
  gauges: [optional(isRecord), 'an object, or absent'],
} as const satisfies Record<keyof Capabilities, readonly [Check, string]>;

/**
 * What keeps a value from being a `Provider`, as the end of a sentence; undefined where nothing does. Pure, except that it reads getters.
 *
 * | value                                | →                                                             |
 * |--------------------------------------|---------------------------------------------------------------|
 * | not an object                        | `is no object: createProvider must return one`                |
 * | `contractVersion: 2`                 | `speaks contract version 2, this fairlead speaks 1: …`        |
 * | without `needs`                      | `lacks needs: it must be a function`                          |
 * | `capabilities.dualStack: 'yes'`      | `has a wrong capabilities.dualStack: it must be true or false` |
 */
export function faultOf(value: unknown): string | undefined {
  if (!isRecord(value)) return 'is no object: createProvider must return one';
  const version = value['contractVersion'];
  if (version !== 1) {
    return `speaks contract version ${String(version)}, this fairlead speaks 1: install a release of the provider that fits`;
  }
  const member = faultIn(value, members, '');
  if (member !== undefined) return member;
  const declared = value['capabilities'];
  if (!isRecord(declared)) return 'lacks capabilities: it must be an object';
  return faultIn(declared, capabilities, 'capabilities.');
}

function faultIn(
  value: Values,
  table: Readonly<Record<string, readonly [Check, string]>>,
  prefix: string,
): string | undefined {
  for (const [key, [check, expected]] of Object.entries(table)) {
    if (check(value[key])) continue;
    const verb = value[key] === undefined ? 'lacks' : 'has a wrong';
    return `${verb} ${prefix}${key}: it must be ${expected}`;
  }
  return undefined;
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}
