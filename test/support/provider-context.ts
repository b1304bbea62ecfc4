import type { ProviderContext } from '../../src/provider/provider.ts';

/** A context for tests of providers: says nothing, and its clock stands still. */
export function silentContext(more: Partial<ProviderContext> = {}): ProviderContext {
  return {
    cluster: 'c1',
    instance: 'edge',
    config: undefined,
    log: { info() {}, warn() {} },
    clock: { now: () => 0, monotonic: () => 0, after: () => () => {} },
    requeue() {},
    resources: () => ({ items: undefined, problem: 'no API server in this test' }),
    report() {},
    ...more,
  };
}
