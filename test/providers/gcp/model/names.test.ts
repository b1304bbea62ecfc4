import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markText, parseMark } from '../../../../providers/gcp/model/marks.ts';
import { clusterPrefix, namesOf, sharedNames } from '../../../../providers/gcp/model/names.ts';

const rfc1035 = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

test('every name is a name to Compute Engine, begins with the cluster and the Service, and no two are equal', () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(fc.string(), fc.uuid(), fc.uniqueArray(port, { minLength: 1, maxLength: 5 }), (cluster, uid, ports) => {
      const names = namesOf(cluster, uid);
      const families = ['IPv4', 'IPv6'] as const;
      const own = [
        names.backendService,
        names.healthCheck,
        ...families.map(family => `${names.healthCheckFirewall}-${family === 'IPv4' ? 'v4' : 'v6'}`),
        ...families.flatMap(family => [
          names.firewall(family),
          names.heldAddress(family),
          names.keptAddress(family),
          names.forwardingRule(family, 'TCP', ports),
          names.forwardingRule(family, 'UDP', ports),
          names.forwardingRule(family, 'L3_DEFAULT', 'all'),
        ]),
      ];
      const shared = sharedNames(cluster);
      const all = [...own, shared.healthCheck, shared.instanceGroup, shared.firewall('IPv4'), shared.firewall('IPv6')];
      expect(all.filter(name => !rfc1035.test(name))).toEqual([]);
      expect(new Set(all).size).toBe(all.length);
      expect(all.filter(name => !name.startsWith(clusterPrefix(cluster)))).toEqual([]);
      expect(own.filter(name => !name.startsWith(names.prefix))).toEqual([]);
    }),
  );
});

test('a Service made again under its name, and one of another cluster, have other names', () => {
  const prefixes = [namesOf('c', 'u1'), namesOf('c', 'u2'), namesOf('d', 'u1')].map(({ prefix }) => prefix);
  expect(new Set(prefixes).size).toBe(3);
});

test('names stay as they are from version to version: what exists is found by them', () => {
  expect(namesOf('cluster', 'uid').backendService).toMatchInlineSnapshot(`"fl-13ieginv-qqnnuqunp9r34o-bs"`);
});

test('a mark is read as it was written', () => {
  const owner = { id: 'fl-1', service: { namespace: 'ns', name: 'web', uid: 'u' } };
  expect(parseMark(markText({ cluster: 'c', owner }))).toEqual({ cluster: 'c', owner });
  expect(parseMark(markText({ cluster: 'c' }))).toEqual({ cluster: 'c' });
});

test.each([
  undefined,
  '',
  'by hand',
  '{',
  '{}',
  'null',
  '{"fairlead.dev/cluster":1}',
  `{"fairlead.dev/cluster":"${'x'.repeat(3_000)}"}`,
])('the description %s marks nothing', description => {
  expect(parseMark(description)).toBeUndefined();
});
