import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { annotationPrefix, annotationTable } from '../../../../providers/aws/annotations/annotation-table.ts';
import { parseSettings } from '../../../../providers/aws/annotations/parse-settings.ts';
import type { Settings } from '../../../../providers/aws/annotations/settings.ts';
import { providerErrorCode } from '../../../../src/provider/provider-error.ts';
import { type Asked, annotated, faultOf, parsed, settings } from '../samples.ts';

const arn = (name: string) => `arn:aws:acm:us-west-2:123456789012:certificate/${name}`;

test('nothing is asked for without annotations', () => {
  expect(parseSettings({ 'example.com/x': '1' })).toEqual({
    warnings: [],
    settings: {
      manageBackendRules: false,
      withoutSecurityGroups: false,
      prefixLists: [],
      pathMtuDiscovery: false,
      attributes: {},
      tags: {},
      targetGroupAttributes: {},
      targetGroupAttributesOf: {},
      proxyProtocol: 'none',
      mergeTcpUdp: true,
      healthCheck: {},
    },
  });
});

const rows: readonly (readonly [string, Asked, Partial<Settings>])[] = [
  ['scheme', { scheme: 'internal' }, { scheme: 'internal' }],
  ['the older internal', { internal: 'true' }, { scheme: 'internal' }],
  ['internal, off', { internal: 'false' }, { scheme: 'internet-facing' }],
  ['internal as the oldest manuals have it', { internal: '0.0.0.0/0' }, { scheme: 'internal' }],
  ['scheme wins over internal', { internal: 'true', scheme: 'internet-facing' }, { scheme: 'internet-facing' }],
  ['pods', { 'nlb-target-type': 'ip' }, { targetKind: 'ip' }],
  ['nodes by address', { 'nlb-target-type': 'node-ip' }, { targetKind: 'node-ip' }],
  ['type nlb-ip is pods', { type: 'nlb-ip' }, { targetKind: 'ip' }],
  ['the target type wins over type', { type: 'nlb-ip', 'nlb-target-type': 'instance' }, { targetKind: 'instance' }],
  ['subnets in their order', { subnets: 'subnet-b, public a' }, { subnets: ['subnet-b', 'public a'] }],
  ['path MTU discovery', { 'enable-icmp-for-path-mtu-discovery': 'on' }, { pathMtuDiscovery: true }],
  [
    'cross-zone wins over attributes',
    { attributes: 'load_balancing.cross_zone.enabled=false', 'cross-zone-load-balancing-enabled': 'true' },
    { attributes: { 'load_balancing.cross_zone.enabled': 'true' } },
  ],
  [
    'logs',
    { 'access-log-enabled': '1', 'access-log-s3-bucket-name': 'my-logs', 'access-log-s3-bucket-prefix': 'nlb/web' },
    {
      attributes: {
        'access_logs.s3.enabled': 'true',
        'access_logs.s3.bucket': 'my-logs',
        'access_logs.s3.prefix': 'nlb/web',
      },
    },
  ],
  ['attributes that nobody here knows', { attributes: 'new.thing=1' }, { attributes: { 'new.thing': '1' } }],
  [
    'flags among attributes as AWS writes them',
    { attributes: 'deletion_protection.enabled=True' },
    { attributes: { 'deletion_protection.enabled': 'true' } },
  ],
  [
    'attributes of one port',
    { 'target-group-attributes.443': 'stickiness.enabled=true' },
    { targetGroupAttributesOf: { '443': { 'stickiness.enabled': 'true' } } },
  ],
  ['PROXY protocol for all', { 'proxy-protocol': '*' }, { proxyProtocol: 'all' }],
  [
    'PROXY protocol for some',
    { 'proxy-protocol-per-target-group': '80,https' },
    { proxyProtocol: { ports: ['80', 'https'] } },
  ],
  [
    'certificates',
    {
      'ssl-cert': `${arn('a')},${arn('b')}`,
      'ssl-ports': '443,tls',
      'backend-protocol': 'SSL',
      'alpn-policy': 'HTTP2Preferred',
      'ssl-negotiation-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    },
    {
      tls: {
        certificates: [arn('a'), arn('b')],
        ports: ['443', 'tls'],
        encryptsTargets: true,
        alpnPolicy: 'HTTP2Preferred',
        sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      },
    },
  ],
  [
    'a certificate of IAM',
    { 'ssl-cert': 'arn:aws-cn:iam::123456789012:server-certificate/web' },
    { tls: { certificates: ['arn:aws-cn:iam::123456789012:server-certificate/web'], encryptsTargets: false } },
  ],
  [
    '* is all ports, as the in-tree provider has it',
    { 'ssl-cert': arn('a'), 'ssl-ports': '*' },
    { tls: { certificates: [arn('a')], encryptsTargets: false } },
  ],
  [
    'health check',
    {
      'healthcheck-protocol': 'Http',
      'healthcheck-port': '8081',
      'healthcheck-path': '/ok?x=1',
      'healthcheck-interval': '30',
      'healthcheck-timeout': '6',
      'healthcheck-healthy-threshold': '2',
      'healthcheck-unhealthy-threshold': '5',
      'healthcheck-success-codes': '200,204-299',
    },
    {
      healthCheck: {
        protocol: 'HTTP',
        port: '8081',
        path: '/ok?x=1',
        intervalSeconds: 30,
        timeoutSeconds: 6,
        healthyThreshold: 2,
        unhealthyThreshold: 5,
        successCodes: '200,204-299',
      },
    },
  ],
  ['tags', { 'additional-resource-tags': 'team=a b, cost=1.5' }, { tags: { team: 'a b', cost: '1.5' } }],
  ['a blank value is none', { scheme: ' ', subnets: '', 'ssl-cert': ',' }, {}],
];

describe('is read:', () => {
  test.each(rows)('%s', (_row, asked, expected) => {
    expect(parsed(asked)).toEqual({ settings: { ...settings(), ...expected }, warnings: [] });
  });
});

describe('is refused, with annotation, value and what is allowed:', () => {
  test.each([
    ['scheme', 'public', '"public" is not one of internet-facing, internal'],
    ['internal', 'yes', '"yes" is not one of 0, 1, true, false, 0.0.0.0/0'],
    ['nlb-target-type', 'pod', '"pod" is not one of instance, ip, node-ip'],
    [
      'name',
      'a'.repeat(33),
      `"${'a'.repeat(33)}" is no name of a balancer: at most 32 letters, digits and inner hyphens, not beginning with internal-`,
    ],
    ['name', 'internal-web', '"internal-web" is no name of a balancer'],
    ['name', '-web', '"-web" is no name of a balancer'],
    ['eip-allocations', 'eipalloc-1,192.0.2.1', '"192.0.2.1" is no allocation id'],
    ['private-ipv4-addresses', '10.0.0.10,10.0.0.300', '"10.0.0.300" is no IPv4 address'],
    ['ipv6-addresses', 'fe80::1%eth0', '"fe80::1%eth0" is no IPv6 address'],
    ['security-groups', 'a,b,c,d,e', '5 entries are too many: at most 4'],
    [
      'attributes',
      'dns_record.client_routing_policy=nearest',
      'dns_record.client_routing_policy: "nearest" is not one of any_availability_zone',
    ],
    ['attributes', 'Bogus Key=1', '"Bogus Key" is no key of an attribute'],
    [
      'attributes',
      'access_logs.s3.bucket=theirs',
      '"access_logs.s3.bucket" cannot be set here: use the annotations access-log-enabled',
    ],
    [
      'target-group-attributes',
      'preserve_client_ip.enabled=no',
      'preserve_client_ip.enabled: "no" is neither true nor false',
    ],
    [
      'target-group-attributes.80',
      'deregistration_delay.timeout_seconds=3601',
      '"3601" is no whole number from 0 to 3600',
    ],
    ['additional-resource-tags', 'fairlead.dev/uid=1', 'the tag "fairlead.dev/uid" marks ownership and cannot be set'],
    [
      'additional-resource-tags',
      'kubernetes.io/cluster/other=owned',
      'the tag "kubernetes.io/cluster/other" marks ownership',
    ],
    ['additional-resource-tags', 'elbv2.k8s.aws/cluster=other', 'the tag "elbv2.k8s.aws/cluster" marks ownership'],
    ['additional-resource-tags', 'AWS:x=1', 'the tag "AWS:x" marks ownership'],
    ['additional-resource-tags', 'a=$1', '"$1" is no value of the tag "a"'],
    [
      'additional-resource-tags',
      Array.from({ length: 51 }, (_, at) => `k${at}=1`).join(),
      '51 entries are too many: at most 50',
    ],
    ['proxy-protocol', 'true', '"true" is not one of *'],
    ['ssl-cert', 'my-cert', '"my-cert" is no ARN of a certificate'],
    ['alpn-policy', 'h2', '"h2" is not one of None, HTTP1Only, HTTP2Only, HTTP2Optional, HTTP2Preferred'],
    ['backend-protocol', 'http', '"http" is not one of tcp, ssl'],
    ['healthcheck-protocol', 'udp', '"udp" is not one of tcp, http, https'],
    ['healthcheck-path', 'healthz', '"healthz" is no path that begins with `/`'],
    ['healthcheck-interval', '4', '"4" is no whole number from 5 to 300'],
    ['healthcheck-healthy-threshold', '11', '"11" is no whole number from 2 to 10'],
    ['healthcheck-success-codes', '100-200', '"100-200" is no list or range of HTTP codes from 200 to 599'],
    ['disable-nlb-sg', 'maybe', '"maybe" is neither true nor false'],
    ['scheme', '\u001b[31m\u202eevil', '"\\u001b[31m\\u{202e}evil" is not one of'],
  ])('%s: %s', (suffix, value, fault) => {
    const message = faultOf(() => parsed({ [suffix]: value }));
    expect(message).toContain(`${annotationPrefix}${suffix}: `);
    expect(message).toContain(fault);
    expect(message.length).toBeLessThan(500);
  });
});

test('a value without end is cut in the message', () => {
  expect(faultOf(() => parsed({ name: 'x'.repeat(200_000) }))).toBe(
    `${annotationPrefix}name: "${'x'.repeat(80)}…" is too long: at most 20000 characters`,
  );
});

test('all that is wrong is told at once, as unsupported', () => {
  let thrown: unknown;
  try {
    parsed({ scheme: 'x', 'healthcheck-interval': '1', subnets: 'a' });
  } catch (error) {
    thrown = error;
  }
  expect(providerErrorCode(thrown)).toBe('unsupported');
  expect(String(thrown)).toMatch(/2 faults: .*healthcheck-interval: "1".*; .*scheme: "x"/);
});

test('what is not supported, and what nobody knows, is one warning that names them all', () => {
  const { warnings } = parsed({
    'quic-enabled-ports': '443',
    'actions.TCP-80': '{}',
    'listener-attributes.TCP-80': 'a=b',
    'target-group-attributes.http': 'a=b',
    bogus: '1',
  });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.reason).toBe('AnnotationNotSupported');
  for (const part of [
    `${annotationPrefix}quic-enabled-ports (QUIC listeners are not made: UDP is passed on)`,
    `${annotationPrefix}actions.TCP-80 (each port has one target group: no weighted actions)`,
    `${annotationPrefix}listener-attributes.TCP-80 (`,
    `${annotationPrefix}target-group-attributes.http (not known)`,
    `${annotationPrefix}bogus (not known)`,
  ])
    expect(warnings[0]?.message).toContain(part);
});

test('a thousand unknown annotations are counted, not listed', () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`x${at}`, '']));
  const [warning] = parsed(many).warnings;
  expect(warning?.message).toMatch(/; and 980 more$/);
});

test('what only works with a certificate is told without one', () => {
  expect(parsed({ 'ssl-ports': '443', 'alpn-policy': 'None' }).warnings).toEqual([
    {
      reason: 'AnnotationWithoutEffect',
      message: `${annotationPrefix}ssl-ports, ${annotationPrefix}alpn-policy: no effect without ${annotationPrefix}ssl-cert`,
    },
  ]);
});

function outcomeOf(given: Readonly<Record<string, string>>) {
  try {
    const { warnings } = parseSettings(given);
    return { code: 'none', message: warnings.map(one => one.message).join('') };
  } catch (error) {
    return { code: providerErrorCode(error), message: error instanceof Error ? error.message : '' };
  }
}

describe('hostile annotations', () => {
  const suffixes = [...Object.values(annotationTable).map(row => row.suffix), 'target-group-attributes.80', 'bogus'];
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.stringMatching(/^[=,"\\a-z0-9./:*-]{0,60}$/),
    fc.constantFrom(
      '"'.repeat(20_000),
      '\\'.repeat(19_999),
      'a=,'.repeat(6_000),
      '-'.repeat(20_000),
      '/'.repeat(19_999),
    ),
  );
  const annotations = fc.oneof(
    fc.dictionary(fc.constantFrom(...suffixes), value).map(annotated),
    fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 40 }).map(text => annotationPrefix + text),
      value,
    ),
  );

  test('end in settings or in one error of ours, printable and in one line', () => {
    fc.assert(
      fc.property(annotations, given => {
        const { code, message } = outcomeOf(given);
        expect(['unsupported', 'none']).toContain(code);
        expect(message).toMatch(/^[\p{L}\p{N}\p{P}\p{S} ]*$/u);
        expect(message.length).toBeLessThan(40_000);
      }),
      { numRuns: 500 },
    );
  });

  test('leave no prototype behind', () => {
    const { settings: read } = parsed({ attributes: '__proto__=x' });
    expect(Object.getPrototypeOf(read.attributes)).toBe(Object.prototype);
    expect(Object.hasOwn(read.attributes, '__proto__')).toBe(true);
  });
});
