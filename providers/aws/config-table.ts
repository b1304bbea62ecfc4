import { printable } from '../../src/provider/adapter/printable.ts';
import type { Parsed } from '../../src/provider/adapter/value-syntax.ts';
import { tagFault } from './annotations/annotation-syntaxes.ts';
import type { TargetKind } from './annotations/settings.ts';
import { defaultLimits, type LaneLimits } from './client/lane-limits.ts';
import type { Scheme } from './model/desired.ts';

/** One key of the operator's config. */
export interface ConfigRow<Value> {
  /** For people, after "must be". */
  readonly shape: string;
  readonly otherwise: string;
  readonly help: string;
  readonly read: (value: unknown) => Parsed<Value>;
}

export interface Quotas {
  readonly loadBalancers: number;
  readonly targetGroups: number;
  readonly targetsPerGroup: number;
  readonly rulesPerSecurityGroup: number;
}

/** AWS's own: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html, and the VPC's for rules. */
export const defaultQuotas: Quotas = {
  loadBalancers: 50,
  targetGroups: 3_000,
  targetsPerGroup: 1_000,
  rulesPerSecurityGroup: 60,
};

/** Every key. The parser and the page are made from it. */
export const configTable = {
  vpcId: {
    ...text(/^vpc-[0-9a-z]{1,40}$/, 'the id of a VPC, `vpc-…`'),
    otherwise: 'the one VPC whose subnets have a role tag',
    help: 'Where balancers are made.',
  },
  clusterName: {
    ...text(/^[A-Za-z0-9][\w.-]{0,99}$/, 'the name of the cluster at AWS'),
    otherwise: '',
    help: 'As in tags `kubernetes.io/cluster/<name>`: by it subnets of other clusters are left out, and the security group of the nodes is found.',
  },
  subnets: {
    ...texts(30, 'a list of subnet ids or `Name` tags'),
    otherwise: 'discovered by tag',
    help: 'For Services that name none: only these are used, tagged or not, one of each zone. A balancer leaves no zone that it stands in.',
  },
  nodeSecurityGroup: {
    ...text(/^sg-[0-9a-z]{1,40}$/, 'the id of a security group, `sg-…`'),
    otherwise: 'the one tagged `kubernetes.io/cluster/<clusterName>`',
    help: 'Gets the rules by which nodes let balancers in.',
  },
  preauthorised: {
    ...flag(),
    otherwise: '`false`',
    help: '`true`: nodes let the traffic in already; no shared security group is made, and no group of the nodes is touched.',
  },
  defaultTargetType: {
    ...word<TargetKind>(['instance', 'ip', 'node-ip']),
    otherwise: '`instance` where nodes have EC2 ids, else `node-ip`',
    help: 'For Services without annotation `nlb-target-type`.',
  },
  defaultScheme: {
    ...word<Scheme>(['internet-facing', 'internal']),
    otherwise: '`internet-facing`',
    help: 'For new Services without annotation `scheme`. aws-load-balancer-controller’s is `internal`.',
  },
  publish: {
    ...word<'active' | 'at-once'>(['active', 'at-once']),
    otherwise: '`active`',
    help: 'When a hostname is published: once the balancer takes traffic, or as soon as it has a name.',
  },
  tags: {
    shape: 'an object of tags',
    otherwise: '',
    help: 'On everything that is made; they win over a Service’s.',
    read: readTags,
  },
  verifySeconds: {
    shape: 'a whole number from 30 to 86400',
    otherwise: '`300`',
    help: 'How long a balancer that was compared with AWS counts as compared.',
    read: value => wholeNumber(value, 30, 86_400),
  },
  limits: {
    shape: `\`off\`, or an object of \`{"burst": …, "perSecond": …}\` for ${listed(Object.keys(defaultLimits))}`,
    otherwise: 'AWS’s, as far as they are published',
    help: 'Requests that may be sent. `off`: only what AWS refuses slows anything down.',
    read: readLimits,
  },
  quotas: {
    shape: `an object of whole numbers for ${listed(Object.keys(defaultQuotas))}`,
    otherwise: 'AWS’s defaults',
    help: 'Of the account in the region, where AWS has raised them.',
    read: readQuotas,
  },
} as const satisfies Record<string, ConfigRow<unknown>>;

type Reading<Value> = Pick<ConfigRow<Value>, 'shape' | 'read'>;

function text(pattern: RegExp, shape: string): Reading<string> {
  return {
    shape,
    read: value => (typeof value === 'string' && pattern.test(value) ? { value } : wrong(value)),
  };
}

function texts(most: number, shape: string): Reading<readonly string[]> {
  const isText = (one: unknown): one is string => typeof one === 'string' && one !== '' && one.length <= 256;
  return {
    shape,
    read: value =>
      Array.isArray(value) && value.length > 0 && value.length <= most && value.every(isText)
        ? { value }
        : wrong(value),
  };
}

function word<Value extends string>(words: readonly Value[]): Reading<Value> {
  return {
    shape: words.map(one => `\`${one}\``).join(' or '),
    read: value => {
      const found = words.find(one => one === value);
      return found === undefined ? wrong(value) : { value: found };
    },
  };
}

function flag(): Reading<boolean> {
  return { shape: '`true` or `false`', read: value => (typeof value === 'boolean' ? { value } : wrong(value)) };
}

function wholeNumber(value: unknown, least: number, most: number): Parsed<number> {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
    ? { value }
    : wrong(value);
}

function readTags(value: unknown): Parsed<Readonly<Record<string, string>>> {
  if (!isObject(value)) return wrong(value);
  const entries = Object.entries(value);
  if (entries.length > 40) return { fault: `has ${entries.length} tags: at most 40` };
  const faults = entries.flatMap(([key, one]) =>
    typeof one === 'string' ? (tagFault(key, one) ?? []) : [`the tag ${printable(key)} is no text`],
  );
  const tags = Object.fromEntries(entries.map(([key, one]) => [key, String(one)]));
  return faults.length === 0 ? { value: tags } : { fault: faults.join(', ') };
}

function readLimits(value: unknown): Parsed<LaneLimits> {
  if (value === 'off') return { value };
  if (!isObject(value)) return wrong(value);
  const known: readonly string[] = Object.keys(defaultLimits);
  const isRate = (one: unknown) => typeof one === 'number' && one > 0 && one <= 10_000;
  const bad = Object.entries(value).filter(
    ([lane, limit]) =>
      !known.includes(lane) ||
      !isObject(limit) ||
      Object.keys(limit).toSorted().join() !== 'burst,perSecond' ||
      !Object.values(limit).every(isRate),
  );
  return bad.length === 0 ? { value } : wrong(Object.fromEntries(bad));
}

function readQuotas(value: unknown): Parsed<Quotas> {
  if (!isObject(value)) return wrong(value);
  const bad = Object.entries(value).filter(
    ([name, one]) => !Object.hasOwn(defaultQuotas, name) || 'fault' in wholeNumber(one, 1, 1_000_000),
  );
  return bad.length === 0 ? { value: { ...defaultQuotas, ...value } } : wrong(Object.fromEntries(bad));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands there; what is allowed is the row's to tell. */
function wrong(value: unknown): { readonly fault: string } {
  return { fault: `is ${typeof value === 'string' ? printable(value) : shortJson(value)}` };
}

function shortJson(value: unknown): string {
  const json = JSON.stringify(value) ?? 'undefined';
  return json.length > 100 ? `${json.slice(0, 100)}…` : json;
}

function listed(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ');
}
