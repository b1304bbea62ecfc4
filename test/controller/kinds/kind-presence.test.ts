import { describe, expect, test } from 'vitest';
import {
  type ApiResources,
  canVanish,
  type PresenceReads,
  presenceOf,
  type Read,
} from '../../../src/controller/kinds/kind-presence.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';

const kind = { group: 'metallb.io', version: 'v1beta1', plural: 'ipaddresspools', namespace: 'metallb-system' };
const configMaps = { group: '', version: 'v1', plural: 'configmaps', namespace: 'metallb-system' };

const object = (uid: string, more: Partial<KubeObject['metadata']> = {}): Read<KubeObject> => ({
  found: { metadata: { name: 'x', uid, resourceVersion: '1', ...more } },
});
const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const serving = (...verbs: readonly string[]): Read<ApiResources> => ({
  found: { resources: [{ name: 'ipaddresspools', verbs }] },
});
const [none, forbidden, failed] = [{ status: 404 }, { status: 403 }, { status: 0 }];
const there = object('u1');

interface Row {
  readonly name: string;
  readonly reads: PresenceReads;
  readonly says: string;
}

const rows: readonly Row[] = [
  {
    name: 'definition and namespace are there',
    reads: { definition: there, namespace: object('n1') },
    says: 'served certainly u1/n1',
  },
  { name: 'the definition is being deleted', reads: { definition: object('u1', leaving) }, says: 'leaving' },
  {
    name: 'the namespace is being deleted',
    reads: { definition: there, namespace: object('n1', leaving) },
    says: 'leaving',
  },
  { name: 'the namespace is gone', reads: { definition: there, namespace: none }, says: 'leaving' },
  {
    name: 'the namespace may not be read',
    reads: { definition: there, namespace: forbidden },
    says: 'served certainly u1/',
  },
  { name: 'the namespace does not answer', reads: { definition: there, namespace: failed }, says: 'unknown' },
  { name: 'the definition does not answer', reads: { definition: failed }, says: 'unknown' },
  { name: 'gone from discovery', reads: { definition: none, discovery: none }, says: 'leaving' },
  {
    name: 'discovery has other kinds only',
    reads: { definition: none, discovery: { found: { resources: null } } },
    says: 'leaving',
  },
  {
    name: 'discovery has it, nothing else is known',
    reads: { definition: forbidden, discovery: serving('list', 'create') },
    says: 'served perhaps ',
  },
  {
    name: 'discovery takes no more of it',
    reads: { definition: forbidden, discovery: serving('list', 'delete') },
    says: 'leaving',
  },
  {
    name: 'of an API server of its own, which only reads',
    reads: { definition: none, discovery: serving('list') },
    says: 'served perhaps ',
  },
  { name: 'discovery does not answer', reads: { definition: forbidden, discovery: failed }, says: 'unknown' },
  { name: 'discovery was not asked', reads: { definition: forbidden }, says: 'unknown' },
];

describe('whether a kind is there to stay', () => {
  test.each(rows)('$name: $says', ({ reads, says }) => {
    const presence = presenceOf(kind, reads);
    const certainty =
      presence.state === 'served' ? ` ${presence.isCertain ? 'certainly' : 'perhaps'} ${presence.identity}` : '';
    expect(`${presence.state}${certainty}`).toBe(says);
  });

  test('a kind of the core group is there as long as its namespace is', () => {
    const gone = { definition: none, namespace: object('n1', leaving) };
    expect(presenceOf(configMaps, { ...gone, namespace: object('n1') })).toMatchObject({
      state: 'served',
      isCertain: true,
    });
    expect(presenceOf(configMaps, gone)).toMatchObject({ state: 'leaving' });
  });

  test('only a kind of the core group that is in no namespace cannot vanish', () => {
    const nodes = { group: '', version: 'v1', plural: 'nodes' };
    expect([kind, configMaps, nodes].map(canVanish)).toEqual([true, true, false]);
  });
});
