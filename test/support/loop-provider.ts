import type { Call, Capabilities, Provider, ProviderContext, ResourceKind } from '../../src/provider/provider.ts';
import { type LoopCall, type Verb, worldNamed } from './loop-world.ts';

/** What `config` may say: the world, and what this cloud is like. */
export interface LoopProviderConfig {
  readonly world: string;
  readonly needsNodePorts?: boolean;
  /** Also where the Service's annotation `cloud.example/targets` is `pods`. */
  readonly needsEndpoints?: boolean;
  readonly capabilities?: Partial<Capabilities>;
  /** Named in `resources`. */
  readonly kinds?: readonly ResourceKind[];
  /** Used for nothing: it must show up nowhere. */
  readonly password?: string;
}

/** An ordinary provider module over a `LoopWorld`: does as it is told by the test, and writes down what it was asked. */
export function createProvider(context: ProviderContext): Provider {
  const config = context.config as LoopProviderConfig;
  const world = worldNamed(config.world);
  const { instance, clock } = context;
  world.contexts.set(instance, context);
  for (const kind of config.kinds ?? []) context.resources(kind, () => undefined);
  const note = (
    verb: Verb,
    service: string,
    id: string,
    call: Call,
    more: Pick<LoopCall, 'loadBalancer' | 'held'> = {},
  ): LoopCall => ({
    instance,
    verb,
    service,
    id,
    epoch: call.epoch,
    sequence: call.sequence,
    at: clock.monotonic(),
    ...more,
  });
  return {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP', 'UDP'],
      mixedProtocols: true,
      ipFamilies: ['IPv4', 'IPv6'],
      dualStack: true,
      sourceRanges: true,
      sessionAffinity: true,
      keepsOutside: true,
      annotationPrefixes: ['cloud.example/'],
      labelPrefixes: [],
      ...config.capabilities,
    },
    needs: ({ annotations }) => ({
      nodePorts: config.needsNodePorts ?? true,
      endpoints: config.needsEndpoints === true || annotations['cloud.example/targets'] === 'pods',
    }),
    async restore(held, call) {
      await world.during(note('restore', '', `restore ${instance}`, call, { held }), async () => {
        await world.restoreAnswers.get(instance)?.();
      });
    },
    ensureLoadBalancer: (loadBalancer, call) =>
      world.during(note('ensure', loadBalancer.service.name, loadBalancer.id, call, { loadBalancer }), async () => {
        const make = () => {
          call.assertLeading();
          return world.make(instance, loadBalancer);
        };
        const answer = world.ensureAnswers.get(loadBalancer.service.name);
        return answer === undefined ? make() : answer(loadBalancer, call, make);
      }),
    ensureLoadBalancerDeleted: (ref, call) =>
      world.during(note('delete', ref.service.name, ref.id, call), async () => {
        const remove = () => {
          call.assertLeading();
          return world.remove(ref.id);
        };
        const answer = world.deleteAnswers.get(ref.service.name);
        return answer === undefined ? remove() : answer(ref, call, remove);
      }),
    listLoadBalancers: call =>
      world.during(note('list', '', `list ${instance}`, call), async () =>
        [...world.balancers.values()].filter(one => one.instance === instance).map(one => one.ref),
      ),
  };
}
