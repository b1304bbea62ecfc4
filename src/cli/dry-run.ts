import type { KubeClient } from '../kube/client.ts';
import { keyOf, type Service } from '../kube/objects.ts';
import { planService, type ServicePlan } from '../plan/plan-service.ts';
import type { BuiltController } from './build-controller.ts';

/** Prints the next step of every Service of ours, as a restarted controller would take it, and writes nothing anywhere. */
export async function printPlans(
  built: BuiltController,
  connection: KubeClient & { close(): Promise<void> },
  signal: AbortSignal,
): Promise<0> {
  const { controller, settings } = built;
  await controller.refresh(signal);
  const services = [...controller.services.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const planOf = (service: Service): ServicePlan =>
    planService({
      service,
      record: undefined,
      settings,
      backendsFor: selector => controller.backendSets.get(selector),
      endpoints: () => controller.endpoints.of(keyOf(service)),
      now: 0,
    });
  if (services.some(service => 'awaits' in planOf(service))) await controller.endpoints.need();
  for (const service of services) {
    const plan = planOf(service);
    process.stdout.write(`${keyOf(service)}: ${describe(plan)}\n`);
  }
  process.stdout.write(`${services.length} Services read, nothing written\n`);
  controller.close();
  await connection.close();
  return 0;
}

function describe(plan: ServicePlan): string {
  switch (plan.step) {
    case 'nothing':
      return `nothing (${plan.reason})`;
    case 'reject':
    case 'node-port-only':
      return `${plan.step} ${plan.reason}: ${plan.message}`;
    case 'add-finalizer':
      return `add-finalizer ${plan.finalizer}, then ensure with provider ${plan.instance}`;
    case 'allocate-node-ports':
      return `allocate-node-ports, then ensure with provider ${plan.instance}`;
    case 'ensure': {
      const ports = plan.loadBalancer.listeners.map(one => `${one.port}/${one.protocol}→${one.nodePort}`).join(', ');
      return `ensure ${plan.loadBalancer.id} with provider ${plan.instance}: ${ports}; ${plan.loadBalancer.backends.length} nodes`;
    }
    case 'delete':
      return `delete ${plan.ref.id} with provider ${plan.instance}: ${plan.reason}`;
  }
}
