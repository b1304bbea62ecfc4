import { setTimeout as pause } from 'node:timers/promises';
import type { Provider, ProviderContext } from '../../src/provider/provider.ts';

/**
 * For processes of their own: faults that only a process can show, chosen by the name of the Service.
 *
 * | name      | ensure                                                                  |
 * |-----------|-------------------------------------------------------------------------|
 * | `rejects` | leaves a promise behind that fails with nobody looking; then as usual    |
 * | `throws`  | leaves a timer behind that throws; then as usual                         |
 * | `slow`    | takes half a second, whatever its signal says                              |
 * | `hangs`   | ends with its signal only                                                |
 */
export function createProvider(context: ProviderContext): Provider {
  let addresses = 0;
  const faults: Readonly<Record<string, (signal: AbortSignal) => Promise<void> | void>> = {
    rejects: () => void Promise.reject(new Error('nobody looks at this')),
    throws: () =>
      void setImmediate(() => {
        throw new Error('nobody catches this');
      }),
    slow: () => pause(500),
    hangs: async signal => pause(3_600_000, undefined, { signal }),
  };
  return {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP', 'UDP'],
      mixedProtocols: true,
      ipFamilies: ['IPv4'],
      dualStack: false,
      sourceRanges: true,
      sessionAffinity: true,
      keepsOutside: true,
      annotationPrefixes: [],
      labelPrefixes: [],
    },
    needs: () => ({ nodePorts: true }),
    async ensureLoadBalancer({ service, ingress }, { signal }) {
      await faults[service.name]?.(signal);
      context.log.info({ service: service.name, config: context.config }, 'ensured');
      return { state: 'ready', ingress: ingress.length > 0 ? ingress : [{ ip: `203.0.113.${++addresses}` }] };
    },
    ensureLoadBalancerDeleted: async () => ({ state: 'deleted' }),
  };
}
