import { expect, test } from 'vitest';
import { CredentialCache } from '../../src/kube/credentials.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

interface Rig {
  readonly clock: VirtualClock;
  readonly cache: CredentialCache;
  /** What the files and plugins give now; undefined: they fail. */
  readonly source: { token: string | undefined; loads: number; evaluations: number };
}

async function rig(): Promise<Rig> {
  const clock = new VirtualClock();
  const source: Rig['source'] = { token: 'first', loads: 0, evaluations: 0 };
  const evaluate = async (): Promise<{ headers: { authorization: string }; tls: object }> => {
    source.evaluations += 1;
    if (source.token === undefined) throw new Error('no file');
    return { headers: { authorization: source.token }, tls: {} };
  };
  const load = async (): Promise<{ server: string; proxyUrl: undefined; evaluate: typeof evaluate }> => {
    source.loads += 1;
    return { server: 'https://a', proxyUrl: undefined, evaluate };
  };
  return { clock, source, cache: await CredentialCache.create(load, clock) };
}

test('however many requests there are, they are evaluated every ten seconds', async () => {
  const { clock, cache, source } = await rig();
  await clock.run(9_000);
  await Promise.all([cache.get(), cache.get()]);
  expect(source.evaluations).toBe(1);
  source.token = 'second';
  await clock.run(10_000);
  const [one, other] = await Promise.all([cache.get(), cache.get()]);
  expect([one.headers, other.headers]).toEqual([{ authorization: 'second' }, { authorization: 'second' }]);
  expect(source).toMatchObject({ evaluations: 2, loads: 1 });
});

test('where new ones cannot be had, the old ones stay in use', async () => {
  const { clock, cache, source } = await rig();
  source.token = undefined;
  await clock.run(20_000);
  expect((await cache.get()).headers).toEqual({ authorization: 'first' });
});

test('after a refusal everything is read anew, once for all that were refused', async () => {
  const { clock, cache, source } = await rig();
  await clock.run(100);
  const refused = await cache.get();
  source.token = 'second';
  expect(await Promise.all([cache.renew(refused), cache.renew(refused)])).toEqual([true, true]);
  expect(source).toMatchObject({ evaluations: 2, loads: 2 });
  expect((await cache.get()).headers).toEqual({ authorization: 'second' });
  expect(await cache.renew(refused)).toBe(true);
  expect(source.loads).toBe(2);
});

test('a server that refuses everything does not cause it to be read each time', async () => {
  const { clock, cache, source } = await rig();
  expect(await cache.renew(await cache.get())).toBe(true);
  expect(await cache.renew(await cache.get())).toBe(false);
  expect(source.loads).toBe(2);
  await clock.run(5_000);
  expect(await cache.renew(await cache.get())).toBe(true);
});

test('a kubeconfig that has become unreadable: the refusal stands', async () => {
  const { cache, source } = await rig();
  source.token = undefined;
  expect(await cache.renew(await cache.get())).toBe(false);
  expect((await cache.get()).headers).toEqual({ authorization: 'first' });
});
