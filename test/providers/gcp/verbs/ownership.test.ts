import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { namesOf, sharedNames } from '../../../../providers/gcp/model/names.ts';
import { addressesOf, cluster, GcpRig, published, warningsOf } from '../../../support/gcp/gcp-rig.ts';

let rig: GcpRig;
beforeEach(async () => {
  rig = await GcpRig.open();
});
afterEach(() => rig.close());

const theirs = JSON.stringify({
  'fairlead.dev/cluster': 'cluster-b',
  'fairlead.dev/service': 'ns/theirs',
  'fairlead.dev/uid': 'u',
  'fairlead.dev/id': 'fl-u',
});

describe('a name that somebody else has', () => {
  const names = namesOf(cluster, '5eed0000-0000-4000-8000-000000000001');
  test.each([
    ['backendServices', names.backendService, 'regions/europe-west1'],
    ['forwardingRules', names.forwardingRule('IPv4', 'TCP', [80]), 'regions/europe-west1'],
    ['firewalls', names.firewall('IPv4'), 'global'],
    ['healthChecks', sharedNames(cluster).healthCheck, 'regions/europe-west1'],
    ['instanceGroups', sharedNames(cluster).instanceGroup, 'zones/europe-west1-b'],
  ])('of %s is refused with the holder’s name, and what has it is never touched', async (kind, name, place) => {
    for (const [description, holder] of [
      [theirs, 'Service ns/theirs of cluster cluster-b'],
      ['by hand', 'something that is not fairlead’s'],
    ] as const) {
      const path = `projects/demo-project/${place}/${kind}/${name}`;
      const fields = {
        name,
        description,
        loadBalancingScheme: 'EXTERNAL',
        selfLink: `https://www.googleapis.com/compute/v1/${path}`,
      };
      rig.gce.world.store.add(path, fields, 'ready');
      await rig.restart();
      const refusal = { code: 'rejected', message: expect.stringContaining(`is taken by ${holder}`) as string };
      await expect(rig.ensure(rig.service(1))).rejects.toMatchObject(refusal);
      await rig.delete(rig.service(1));
      expect(rig.gce.world.store.find(path)?.fields).toEqual(fields);
      rig.gce.world.store.remove(path);
      expect(rig.counts()).toEqual({});
    }
  });
});

test('everything says whose it is, in its description', async () => {
  await rig.ensure(rig.service(1));
  const marks = ['forwardingRules', 'backendServices', 'firewalls', 'healthChecks', 'instanceGroups'].flatMap(kind =>
    rig.all(kind).map(({ description }) => JSON.parse(String(description)) as Record<string, string>),
  );
  expect(marks.every(mark => mark['fairlead.dev/cluster'] === cluster)).toBe(true);
  expect(marks.filter(mark => mark['fairlead.dev/service'] === 'ns/svc-1')).toHaveLength(3);
});

test('a deletion that was cut off is finished, whatever was left, and deleting again succeeds', async () => {
  await rig.ensure(rig.service(1));
  rig.remove('forwardingRules', String(rig.only('forwardingRules')['name']));
  await rig.restart();
  expect(await rig.list()).toHaveLength(1);
  await rig.delete(rig.service(1));
  expect(rig.counts()).toEqual({});
  await rig.delete(rig.service(1));
  expect(await rig.list()).toEqual([]);
});

test('objects that somebody has deleted by hand are no obstacle to a deletion', async () => {
  await rig.ensure(rig.service(1));
  for (const kind of ['forwardingRules', 'backendServices', 'healthChecks'])
    rig.remove(kind, String(rig.only(kind)['name']));
  expect(await rig.delete(rig.service(1))).toEqual({ state: 'deleted' });
  expect(rig.counts()).toEqual({});
});

test('a cluster whose Services are all gone can be cleared by its list alone', async () => {
  for (let n = 1; n <= 3; n++) await rig.ensure(rig.service(n));
  await rig.restart();
  for (const ref of await rig.list()) await rig.provider.ensureLoadBalancerDeleted(ref, rig.call());
  expect(rig.counts()).toEqual({});
});

test('with a shared VPC whose firewall is another’s, the balancer is made, and what is to be done is a command', async () => {
  rig.gce.world.options = { ...rig.gce.world.options };
  rig.gce.faults.add({
    kind: 'refuse',
    method: 'firewalls.insert',
    times: 20,
    refusal: { http: 403, reason: 'forbidden', message: "Required 'compute.firewalls.create' permission for 'x'" },
  });
  const answer = await rig.ensure(rig.service(1));
  expect(warningsOf(answer)).toContain('LoadBalancerManualChange');
  const messages = (answer.warnings ?? []).map(({ message }) => message).join('\n');
  expect(messages).toContain(
    `--allow=tcp:80 --source-ranges=0.0.0.0/0 --destination-ranges=${addressesOf(answer)[0]}/32`,
  );
  expect(messages).toContain('--allow=tcp:10256');
  expect(await rig.requestsOf(() => rig.ensure(published(rig.service(1), answer)))).toEqual([]);
});
