import { isIPv4, isIPv6 } from 'node:net';
import { printable } from '../../../src/provider/adapter/printable.ts';
import { type Syntax } from '../../../src/provider/adapter/value-syntax.ts';
import { type Entries, listOf, mapOf, textLike } from './value-syntax.ts';

/** Shapes of AWS's own words. They are checked as far as a wrong one would be somebody else's business; what exists AWS knows. */

export const balancerName: Syntax<string> = {
  shape: 'name',
  parse: text =>
    /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/.test(text)
      ? { value: text }
      : {
          fault: `${printable(text)} is no name of a balancer: at most 32 letters, digits and inner hyphens, not beginning with internal-`,
        },
};

/** An id or the value of a tag `Name`. */
export const subnetNames = listOf(textLike(/^[^\p{C}]+$/u, 'subnet id or `Name` tag'), 30);
export const groupNames = listOf(textLike(/^[^\p{C}]+$/u, 'security group id or `Name` tag'), 4);
export const allocationIds = listOf(textLike(/^eipalloc-[0-9a-z]{1,40}$/, 'allocation id `eipalloc-…`'), 30);
export const prefixListIds = listOf(textLike(/^pl-[0-9a-z]{1,40}$/, 'prefix list id `pl-…`'), 30);

export const ipv4Addresses = listOf(addressOf('IPv4 address', isIPv4), 30);
export const ipv6Addresses = listOf(
  addressOf('IPv6 address', text => isIPv6(text) && !text.includes('%')),
  30,
);

function addressOf(what: string, isOne: (text: string) => boolean): Syntax<string> {
  return {
    shape: what,
    parse: text => (text.length <= 45 && isOne(text) ? { value: text } : { fault: `${printable(text)} is no ${what}` }),
  };
}

/** One port by number, or by its name in the Service. */
export const portName = /^(?:[1-9]\d{0,4}|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/;
export const portNames = listOf(textLike(portName, 'port number or name'), 50);
export const tlsPorts = listOf(textLike(new RegExp(`${portName.source}|^\\*$`), 'port number or name, or `*`'), 50);

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Certificate.html: ACM's, and IAM's server certificates. */
export const certificateArns = listOf(
  textLike(
    /^arn:[a-z0-9-]{1,30}:(?:acm:[a-z0-9-]{1,30}:\d{12}:certificate|iam::\d{12}:server-certificate)\/[\w+=.@/-]{1,600}$/,
    'ARN of a certificate',
    700,
  ),
  25,
);

export const sslPolicyName = textLike(/^[A-Za-z0-9_-]{1,128}$/, 'name of a security policy');
export const healthCheckPath = textLike(/^\/[\x21-\x7e]{0,1023}$/, 'path that begins with `/`', 1_024);
export const healthCheckPort: Syntax<string> = textLike(
  new RegExp(`^traffic-port$|${portName.source}`),
  'port: `traffic-port`, a number or a name',
);

/** `200`, `200-399`, `200,204-299`: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html */
export const successCodes: Syntax<string> = textLike(
  /^[2-5]\d{2}(?:-[2-5]\d{2})?(?:,[2-5]\d{2}(?:-[2-5]\d{2})?){0,20}$/,
  'list or range of HTTP codes from 200 to 599',
);

export const bucketName = textLike(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'name of a bucket');
export const bucketPrefix = textLike(/^[\x21-\x7e]{1,256}$/, 'prefix of at most 256 characters');

/** Keys that say whose a thing is, to us or to another controller or to AWS: no tenant writes them. */
const ownershipKey =
  /^(?:aws:|fairlead\.dev\/|kubernetes\.io\/|(?:elbv2|service|ingress|gateway)\.k8s\.aws\/)|^(?:KubernetesCluster)$/i;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Tag.html */
export const tags: Syntax<Entries> = mapOf('map of tags', 50, tagFault);

/** What is wrong with a tag, or `undefined`. Pure. */
export function tagFault(key: string, value: string): string | undefined {
  if (ownershipKey.test(key)) return `the tag ${printable(key)} marks ownership and cannot be set`;
  if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key))
    return `${printable(key)} is no key of a tag: 1 to 128 letters, digits, blanks and _.:/=+-@`;
  if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value))
    return `${printable(value)} is no value of the tag ${printable(key)}: at most 256 letters, digits, blanks and _.:/=+-@`;
  return undefined;
}

/** Read by the core, as the selector of nodes; here only so that a broken one is told. */
export const nodeLabels: Syntax<Entries> = mapOf('map of labels', 50, (key, value) =>
  /^[A-Za-z0-9][\w./-]{0,316}$/.test(key) && /^[\w.-]{0,63}$/.test(value)
    ? undefined
    : `${printable(`${key}=${value}`)} is no label`,
);
