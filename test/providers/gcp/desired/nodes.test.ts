import { expect, test } from 'vitest';
import { nodesByZone } from '../../../../providers/gcp/desired/nodes.ts';

const config = { project: 'p1', region: 'europe-west1' };
const backend = (node: string, providerId: string, zone = '') => ({ node, providerId, zone, addresses: [] });

test.each([
  ['gce://p1/europe-west1-b/n1', '', 'europe-west1-b'],
  ['gce:///europe-west1-b/n1', '', 'europe-west1-b'],
  ['gce://p1//n1', 'europe-west1-c', 'europe-west1-c'],
])('%s with zone label "%s" is in %s', (providerId, label, zone) => {
  const { zones, rejected } = nodesByZone([backend('n1', providerId, label)], config);
  expect([...zones]).toEqual([[zone, ['n1']]]);
  expect(rejected).toEqual([]);
});

test.each([
  ['', /providerID is not gce:/],
  ['aws:///eu-west-1a/i-0abc', /providerID is not gce:/],
  ['gce://p1/europe-west1-b/../../x', /providerID is not gce:/],
  ['gce://p2/europe-west1-b/n1', /not in the project p1/],
  ['gce://p1//n1', /has no zone/],
  ['gce://p1/us-east1-b/n1', /not in the region europe-west1/],
])('%s is skipped, with the reason', (providerId, reason) => {
  const { zones, rejected } = nodesByZone([backend('n1', providerId)], config);
  expect(zones.size).toBe(0);
  expect(rejected).toEqual([{ node: 'n1', reason: expect.stringMatching(reason) as string }]);
});

test('of more than 1,000 nodes in a zone the first by name are taken, whatever the order', () => {
  const names = Array.from({ length: 1_003 }, (_, n) => `n${String(n).padStart(5, '0')}`);
  const backends = names.map(name => backend(name, `gce://p1/europe-west1-b/${name}`));
  const one = nodesByZone(backends, config);
  const other = nodesByZone(backends.toReversed(), config);
  expect(one.zones.get('europe-west1-b')).toEqual(names.slice(0, 1_000));
  expect(other.zones).toEqual(one.zones);
  expect(one.rejected.map(({ node }) => node)).toEqual(names.slice(1_000));
});
