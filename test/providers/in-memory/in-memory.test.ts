import { describe, expect, test } from 'vitest';
import type { InMemoryConfig } from '../../../providers/in-memory/config.ts';
import { createProvider } from '../../../providers/in-memory/in-memory.ts';
import { sampleLoadBalancer } from '../../../src/provider/conformance/sample.ts';
import type { Call, LoadBalancer } from '../../../src/provider/provider.ts';
import { providerErrorCode } from '../../../src/provider/provider-error.ts';
import { silentContext } from '../../support/provider-context.ts';

const call: Call = { signal: new AbortController().signal, epoch: '1', sequence: 1, assertLeading() {} };

function start(config?: Partial<InMemoryConfig>) {
  const provider = createProvider(silentContext({ config }));
  const sample = (n: number, changes: Partial<LoadBalancer> = {}) => ({
    ...sampleLoadBalancer(n, 'c1', provider.capabilities),
    ...changes,
  });
  const ensure = async (n: number, changes?: Partial<LoadBalancer>) =>
    (await provider.ensureLoadBalancer(sample(n, changes), call)).ingress[0]?.ip;
  const refusal = (n: number, changes?: Partial<LoadBalancer>) =>
    ensure(n, changes).then(
      address => expect.unreachable(`it gave ${address}`),
      (error: unknown) => `${providerErrorCode(error)}: ${(error as Error).message}`,
    );
  return { provider, sample, ensure, refusal };
}

describe('the address', () => {
  test('is the lowest of the pool, by default of the documentation range', async () => {
    expect(await start().ensure(1)).toBe('198.51.100.1');
    expect(await start({ pool: '10.1.0.0/16' }).ensure(1)).toBe('10.1.0.1');
  });
  test('is the requested one where it is free', async () => {
    expect(await start().ensure(1, { requestedAddresses: ['198.51.100.200'] })).toBe('198.51.100.200');
  });
  test('stays what is published, though the pool has been changed since', async () => {
    expect(await start().ensure(1, { ingress: [{ ip: '10.9.9.9' }] })).toBe('10.9.9.9');
  });
  test('stays with the first of two Services that publish the same one', async () => {
    const { provider, sample, ensure } = start();
    const ingress = [{ ip: '198.51.100.9' }];
    await provider.restore?.([sample(1, { ingress }), sample(2, { ingress })], call);
    expect(await ensure(2, { ingress })).toBe('198.51.100.1');
    expect(await ensure(1, { ingress })).toBe('198.51.100.9');
  });
  test('is free again after the deletion', async () => {
    const { provider, sample, ensure } = start({ pool: '192.0.2.7/32' });
    await ensure(1);
    await provider.ensureLoadBalancerDeleted(sample(1), call);
    expect(await ensure(2)).toBe('192.0.2.7');
  });
});

describe('it refuses', () => {
  test('a requested address outside its pool', async () => {
    expect(await start().refusal(1, { requestedAddresses: ['203.0.113.1'] })).toBe(
      'unsupported: the requested address 203.0.113.1 is not in the pool 198.51.100.0/24: request another, or none',
    );
  });
  test('a requested address that is taken', async () => {
    const { ensure, refusal } = start();
    await ensure(1);
    expect(await refusal(2, { requestedAddresses: ['198.51.100.1'] })).toBe(
      'unsupported: the requested address 198.51.100.1 is taken by another Service: request another, or none',
    );
  });
  test('to change an address, which stays in service', async () => {
    const { ensure, refusal } = start();
    await ensure(1);
    expect(await refusal(1, { requestedAddresses: ['198.51.100.5'] })).toBe(
      'unsupported: the address is 198.51.100.1 and cannot become 198.51.100.5: delete the Service and create it again',
    );
    expect(await ensure(1)).toBe('198.51.100.1');
  });
  test('when the pool is full', async () => {
    const { ensure, refusal } = start({ pool: '192.0.2.7/32' });
    await ensure(1);
    expect(await refusal(2)).toBe(
      'rejected: the pool 192.0.2.7/32 has no free address: configure a larger one, or delete Services',
    );
  });
});

describe('the config', () => {
  test('sets the traits', () => {
    expect(start().provider.capabilities.keepsOutside).toBe(false);
    expect(start().provider.needs(start().sample(1))).toEqual({ nodePorts: false });
    const { provider, sample } = start({ keepsOutside: true, needsNodePorts: true });
    expect(provider.capabilities.keepsOutside).toBe(true);
    expect(provider.needs(sample(1))).toEqual({ nodePorts: true });
  });
  test.each([
    ['text', 'in-memory: the config must be an object such as {"pool":"192.0.2.0/24"}'],
    [{ Pool: '192.0.2.0/24' }, 'in-memory: config.Pool is not known: use pool, keepsOutside, needsNodePorts'],
    [{ pool: '192.0.2.1/24' }, 'in-memory: config.pool must be an IPv4 range from /8 to /32, such as "192.0.2.0/24"'],
    [{ pool: 7 }, 'in-memory: config.pool must be an IPv4 range from /8 to /32, such as "192.0.2.0/24"'],
    [{ keepsOutside: 'yes' }, 'in-memory: config.keepsOutside must be true or false'],
  ])('%j is refused', (config, message) => {
    expect(() => createProvider(silentContext({ config }))).toThrow(message);
  });
});

test('with keepsOutside, a restart within the process’s own memory keeps what restore does not name: it may be an orphan', async () => {
  const { provider, sample, ensure } = start({ keepsOutside: true });
  await ensure(1);
  await provider.restore?.([sample(2, { ingress: [{ ip: '198.51.100.9' }] })], call);
  expect((await provider.listLoadBalancers?.(call))?.map(ref => ref.service.name)).toEqual(['service-1', 'service-2']);
});
