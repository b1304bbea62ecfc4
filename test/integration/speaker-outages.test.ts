import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { systemClock as clock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import { readManifest } from '../support/manifests.ts';
import { applySpeakerRole } from '../support/speaker-role.ts';
import { type Speakers, startSpeakers } from '../support/speakers.ts';

// A cluster of its own: others would not like what is done to its API server, and it begins without the kind Speaker.

let cluster: LocalCluster;
let admin: KubeConnection;
let speakers: Speakers;

beforeAll(async () => {
  cluster = await startCluster();
  admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'fairlead-test', clock });
  await applySpeakerRole(admin);
  speakers = await startSpeakers({ cluster });
  await Promise.all(['n1', 'n2'].map(name => speakers.createNode(name)));
});
afterAll(async () => {
  await speakers[Symbol.asyncDispose]();
  await admin.close();
  await cluster.stop();
});

test('without the kind Speaker it speaks all the same, says so once, and keeps its record as soon as there is one', async () => {
  await speakers.publish('web', ['198.18.0.1']);
  const announcer = await speakers.start('n1');
  await speakers.until('it is a candidate', () => speakers.candidates(announcer.view, '198.18.0.1')?.join() === 'n1');
  expect(speakers.entry(announcer.view, '198.18.0.1')?.announcedBefore).toBe(true);
  announcer.claim('198.18.0.1');
  await speakers.until('it is told', async () => (await speakers.events('nodeAssigned')).length === 1);
  const warnings = speakers.log.filter(line => line.includes('"warn"') && line.includes('speakers.fairlead.dev'));
  expect(warnings).toHaveLength(1);
  expect(speakers.writes.filter(one => one.path.includes('/speakers'))).toEqual([]);
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await admin.request({ method: 'POST', path, body: readManifest('deploy/crds/speakers.yaml') });
  await speakers.until('it is on record', async () => (await speakers.recorded('n1'))?.length === 1, 60_000);
}, 90_000);

test('while the API server is away everything stays as it was, and once it is back changes are followed', async () => {
  const [one, other] = [await speakers.start('n2'), speakers.announcer('n1')];
  await speakers.until('both see both', () =>
    [one, other].every(({ view }) => ['n1', 'n2'].every(name => speakers.node(view, name)?.lease === 'fresh')),
  );
  await speakers.until('both are candidates', () => speakers.candidates(other.view, '198.18.0.1')?.join() === 'n1,n2');
  const [views, told] = [[one.view, other.view], one.views.length];
  await cluster.stopApiServer();
  const until = clock.monotonic() + 9_000;
  await speakers.until('more than a Lease lasts has passed', () => clock.monotonic() > until);
  expect([one.view, other.view]).toEqual(views);
  expect(one.views).toHaveLength(told);
  expect(speakers.speaker('n1').unhealthy).toBeUndefined();
  await cluster.startApiServer();
  await speakers.publish('later', ['198.18.0.2']);
  // A reflector asks again after half a minute at the latest.
  const isTold = (): boolean => speakers.candidates(one.view, '198.18.0.2')?.join() === 'n1,n2';
  await speakers.until('the new address is told', isTold, 60_000);
  expect(one.views.slice(told).every(view => view.nodes.every(({ lease }) => lease === 'fresh'))).toBe(true);
  const renewed = (await speakers.lease('n1'))?.spec.renewTime;
  await speakers.until('it is renewed', async () => (await speakers.lease('n1'))?.spec.renewTime !== renewed);
}, 90_000);

test('when the kind goes again, what was drained stays drained', async () => {
  const other = speakers.announcer('n1');
  await speakers.drain('n2', true);
  await speakers.until('it is drained', () => speakers.candidates(other.view, '198.18.0.1')?.join() === 'n1');
  const told = other.views.length;
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/speakers.fairlead.dev';
  await admin.request({ method: 'DELETE', path });
  await speakers.until('it is noticed', () =>
    speakers.log.some(line => line.includes('is being deleted') || line.includes('does not serve')),
  );
  expect(other.views.slice(told).every(view => speakers.candidates(view, '198.18.0.1')?.join() === 'n1')).toBe(true);
});

test('a stop while the API server is away hands over and ends in time', async () => {
  const announcer = speakers.announcer('n1');
  await cluster.stopApiServer();
  expect(await speakers.stop('n1')).toBe('stopped');
  expect(announcer.done).toEqual(['leave', 'close']);
  await cluster.startApiServer();
}, 60_000);
