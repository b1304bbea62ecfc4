import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { annotationPrefixes, annotationTable } from '../../../../providers/gcp/annotations/annotation-table.ts';
import { parseSettings } from '../../../../providers/gcp/annotations/parse-settings.ts';
import { providerErrorCode } from '../../../../src/provider/provider-error.ts';

const key = (name: keyof typeof annotationTable): string => annotationTable[name].key;

describe('what is asked for', () => {
  test.each([
    ['an internal balancer', { [key('type')]: 'Internal' }, { scheme: 'INTERNAL' }],
    ['the older spelling', { [key('typeAlias')]: 'internal' }, { scheme: 'INTERNAL' }],
    ['the newer spelling wins', { [key('typeAlias')]: 'Internal', [key('type')]: 'External' }, { scheme: 'EXTERNAL' }],
    ['the tier', { [key('tier')]: 'Standard' }, { tier: 'STANDARD' }],
    [
      'names of addresses, in any order and with spaces',
      { [key('addresses')]: ' six , four,, four' },
      { addressNames: ['six', 'four'] },
    ],
    ['a subnet', { [key('subnet')]: 'a', [key('internalSubnet')]: 'b' }, { subnet: 'a' }],
    ['a subnet in the older spelling', { [key('internalSubnet')]: 'b' }, { subnet: 'b' }],
    [
      'a health check',
      { [key('healthPort')]: '8080', [key('healthInterval')]: '20' },
      { healthCheck: { port: 8080, intervalSeconds: 20 } },
    ],
    ['blank is absent', { [key('type')]: ' ', [key('healthPath')]: '' }, { healthCheck: {} }],
  ])('%s', (_name, annotations, expected) => {
    expect(parseSettings(annotations)).toMatchObject({ settings: expected, warnings: [] });
  });
});

test('everything that is wrong is said at once, with the value and what is allowed', () => {
  const parse = () =>
    parseSettings({
      [key('type')]: 'Intenral',
      [key('addresses')]: 'a,b,c',
      [key('healthPath')]: 'healthz',
      [key('drainSeconds')]: '3601',
      [key('healthTimeout')]: '9',
      [key('healthInterval')]: '5',
    });
  expect(parse).toThrow(expect.objectContaining({ code: 'unsupported' }));
  for (const part of [
    /^5 faults: /,
    /"Intenral" is not one of Internal, /,
    /"3601" is no whole number from 0 to 3600/,
    /"healthz" is no path/,
    /3 entries are too many: at most 2/,
    /9 s is longer than the interval of 5 s/,
  ])
    expect(parse).toThrow(part);
});

test('what GKE knows and is not supported, and what is ours and unknown, is one Warning; what is for Ingress and NEGs is none', () => {
  const { warnings } = parseSettings({
    'networking.gke.io/l4lb-config': 'x',
    'fairlead.dev/gcp-helth-check-port': '80',
    'cloud.google.com/neg': '{"ingress":true}',
    'cloud.google.com/backend-config': '{}',
    'networking.gke.io/anything': '',
  });
  expect(warnings).toEqual([
    {
      reason: 'AnnotationNotSupported',
      message: expect.stringMatching(
        /^no effect: .*gcp-helth-check-port \(not known\); networking.gke.io\/l4lb-config \(/,
      ) as string,
    },
  ]);
});

test('no value of a tenant breaks it, and what it says is short and printable', () => {
  const keys = [
    ...Object.values(annotationTable).map(row => row.key),
    ...annotationPrefixes.map(prefix => `${prefix}x`),
  ];
  const annotations = fc.dictionary(fc.constantFrom(...keys), fc.string({ unit: 'binary', maxLength: 200 }), {
    maxKeys: 8,
  });
  fc.assert(
    fc.property(annotations, given => {
      const message = faultOf(given);
      // oxlint-disable-next-line no-control-regex
      expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(message.length).toBeLessThan(keys.length * 400);
    }),
  );
});

/** The message of its refusal; empty where it takes them. */
function faultOf(annotations: Readonly<Record<string, string>>): string {
  try {
    parseSettings(annotations);
    return '';
  } catch (error) {
    if (providerErrorCode(error) !== 'unsupported') throw error;
    return (error as Error).message;
  }
}
