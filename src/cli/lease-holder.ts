import type { Config } from '../config/options.ts';
import { type KubeClient, objectPath, statusOf } from '../kube/client.ts';
import { systemClock as clock } from '../kube/clock.ts';
import type { Lease } from '../kube/objects.ts';
import { UserError } from './user-error.ts';

/** A running controller would do at once what is undone here. */
export async function refuseWhileHeld(client: KubeClient, config: Config): Promise<void> {
  const path = objectPath('/apis/coordination.k8s.io/v1/namespaces', config.leaseNamespace, 'leases', config.leaseName);
  const lease = await client.request<Lease>({ method: 'GET', path }).catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
  const { holderIdentity, renewTime, leaseDurationSeconds } = lease?.spec ?? {};
  const until = Date.parse(renewTime ?? '') + (leaseDurationSeconds ?? 0) * 1_000;
  if (holderIdentity && until > clock.now())
    throw new UserError(
      `${holderIdentity} holds the Lease ${config.leaseNamespace}/${config.leaseName}: stop the controller first`,
    );
}
