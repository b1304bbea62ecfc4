import { expect, test } from 'vitest';
import { fateOf } from '../../../src/cli/destroy/doomed.ts';
import { otherUid, service, uid } from '../../support/objects.ts';

const here = '0b1f6a52-7b52-4f2e-9d5b-3f1d2c4b5a69';
const identity = { namespace: 'default', name: 'web', uid };
const refOf = (cluster: string, of = identity) => ({ id: 'fl-x', cluster, service: of });
const find = (key: string) => (key === 'default/web' ? service() : undefined);

test.for([
  { name: 'of another cluster', ref: refOf('other'), cluster: here, is: 'foreign' },
  { name: 'of this cluster, by its UID', ref: refOf(here), cluster: here, is: 'doomed' },
  {
    name: 'of this cluster, by its UID, its Service gone',
    ref: refOf(here, { ...identity, name: 'gone' }),
    cluster: here,
    is: 'doomed',
  },
  { name: 'of a name given by hand, its Service here', ref: refOf('prod'), cluster: 'prod', is: 'doomed' },
  {
    name: 'of a name given by hand, its Service made anew',
    ref: refOf('prod', { ...identity, uid: otherUid }),
    cluster: 'prod',
    is: 'unsure',
  },
  {
    name: 'of a name given by hand, its Service not here',
    ref: refOf('prod', { ...identity, name: 'gone' }),
    cluster: 'prod',
    is: 'unsure',
  },
  {
    name: 'of the UID of another cluster, given by hand',
    ref: refOf(otherUid, { ...identity, name: 'gone' }),
    cluster: otherUid,
    is: 'unsure',
  },
])('a balancer $name is $is', ({ ref, cluster, is }) => {
  expect(fateOf(ref, cluster, here, find)).toBe(is);
});
