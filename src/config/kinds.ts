import { everything, type LabelSelector, parseLabelSelector } from '../plan/label-selector.ts';
import type { PortRange } from '../plan/node-ports.ts';
import { InvalidValue, type Kind } from './option.ts';

export const text = (placeholder: string): Kind<string> => ({
  placeholder,
  read: given => (given.trim() === '' ? refuse('is empty: give a value or leave the option out') : given),
  print: value => value,
});

/** Stands alone for true; `--flag=false` and the variable take `true` or `false`. */
export const onOff: Kind<boolean> = {
  placeholder: '',
  read(given) {
    if (given === 'true') return true;
    if (given === 'false') return false;
    return refuse(`${quoted(given)} is neither true nor false: write one of them`);
  },
  print: String,
};

export function wholeNumber(least: number, most: number): Kind<number> {
  return {
    placeholder: '<number>',
    read(given) {
      const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
      return value >= least && value <= most
        ? value
        : refuse(`${quoted(given)} is not a whole number from ${least} to ${most}`);
    },
    print: String,
  };
}

export function oneOf<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  return {
    placeholder: `<${words.join('|')}>`,
    read: given =>
      words.find(word => word === given) ?? refuse(`${quoted(given)} is not known: write one of ${words.join(', ')}`),
    print: value => value,
  };
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof units;

/** Milliseconds, written like Go's durations: `500ms`, `90s`, `10m`, `1h30m`. Bounds in milliseconds, inclusive. */
export function duration(least: number, most: number): Kind<number> {
  return {
    placeholder: '<duration>',
    read(given) {
      const value = /^(?:\d{1,9}(?:ms|s|m|h))+$/.test(given)
        ? sumOfParts(given)
        : refuse(`${quoted(given)} is not a duration: write a number and a unit, such as 500ms, 90s, 10m or 1h30m`);
      if (value >= least && value <= most) return value;
      return refuse(`${quoted(given)} is out of bounds: write ${printDuration(least)} to ${printDuration(most)}`);
    },
    print: printDuration,
  };
}

function sumOfParts(given: string): number {
  const parts = [...given.matchAll(/(\d+)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as Unit], 0);
}

/** 5400000 → `1h30m`. */
export function printDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = ms;
  let printed = '';
  for (const unit of ['h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / units[unit]);
    if (count > 0) printed += `${count}${unit}`;
    rest -= count * units[unit];
  }
  return printed;
}

/** A name as the API server takes it for namespaces (RFC 1123 label). */
export function dnsLabel(placeholder: string, longest = 63): Kind<string> {
  return {
    placeholder,
    read: given =>
      isDnsLabel(given, longest)
        ? given
        : refuse(
            `${quoted(given)} is not a name of lower-case letters, digits and inner dashes, at most ${longest} long`,
          ),
    print: value => value,
  };
}

export function isDnsLabel(given: string, longest = 63): boolean {
  return given.length <= longest && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(given);
}

/** Of a Node object: a DNS subdomain, short enough to be part of a Lease's name, which may be 253 long. */
export const nodeName: Kind<string> = {
  placeholder: '<node>',
  read: given =>
    given.length <= 230 && given.split('.').every(part => isDnsLabel(part))
      ? given
      : refuse(`${quoted(given)} is not the name of a Node: write it as kubectl get nodes shows it`),
  print: value => value,
};

/** Addresses, as far as can be said without the provider that reads them for good. */
export const addressRange: Kind<string> = {
  placeholder: '<range>',
  read: given =>
    /^[\da-fA-F:.]{2,45}(?:\/\d{1,3}|\s*-\s*[\da-fA-F:.]{2,45})?$/.test(given)
      ? given
      : refuse(`${quoted(given)} is no range of addresses: write one such as 192.0.2.0/24 or 192.0.2.10-192.0.2.20`),
  print: value => value,
};

export const labelSelector: Kind<LabelSelector> = {
  placeholder: '<selector>',
  read: given =>
    parseLabelSelector(given) ??
    refuse(`${quoted(given)} is not a label selector: write one such as role=ingress,zone in (a,b),!spot`),
  print: value => value.text,
};

export const everyNode = everything;

/** Inclusive, as kube-apiserver's --service-node-port-range. */
export const portRange: Kind<PortRange> = {
  placeholder: '<first-last>',
  read(given) {
    const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(given) ?? [];
    const range = { first: Number(first), last: Number(last) };
    const valid = range.first >= 1 && range.last <= 65_535 && range.first <= range.last;
    return valid ? range : refuse(`${quoted(given)} is not a port range: write one such as 30000-32767`);
  },
  print: range => `${range.first}-${range.last}`,
};

export interface ListenAddress {
  /** Absent: all addresses of the machine or pod, IPv4 and IPv6. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
}

export const listenAddress: Kind<ListenAddress> = {
  placeholder: '<[host]:port>',
  read(given) {
    const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(given) ?? [];
    const port = Number(digits);
    if (!(port <= 65_535))
      return refuse(`${quoted(given)} is not an address to listen on: write :8080, 127.0.0.1:8080 or [::1]:8080`);
    const host = bracketed ?? plain ?? '';
    return host === '' ? { port } : { host, port };
  },
  print({ host = '', port }) {
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  },
};

export function refuse(message: string): never {
  throw new InvalidValue(message);
}

/** What the operator wrote, cut short. */
export function quoted(given: string): string {
  return JSON.stringify(given.length > 60 ? `${given.slice(0, 57)}…` : given);
}
