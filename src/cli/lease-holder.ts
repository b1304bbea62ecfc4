import type { Config } from '../config/options.ts';
import { type KubeClient, objectPath, statusOf } from '../kube/client.ts';
import { systemClock as clock } from '../kube/clock.ts';
import type { Lease } from '../kube/objects.ts';
import { UserError } from './user-error.ts';

/** Who is named in the controller's Lease: empty where nobody is, or where there is none. */
export interface LeaseHolder {
  readonly identity: string;
  /** How long the Lease lasts after a renewal. */
  readonly durationMs: number;
  /** By the clocks of two machines: for a word to people, not for a decision. */
  readonly isAlive: boolean;
}

export async function leaseHolder(client: KubeClient, config: Config): Promise<LeaseHolder> {
  const path = objectPath('/apis/coordination.k8s.io/v1/namespaces', config.leaseNamespace, 'leases', config.leaseName);
  const lease = await client.request<Lease>({ method: 'GET', path }).catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
  const { holderIdentity, renewTime, leaseDurationSeconds } = lease?.spec ?? {};
  const identity = holderIdentity ?? '';
  const durationMs = (leaseDurationSeconds ?? 0) * 1_000;
  return {
    identity,
    durationMs,
    isAlive: identity !== '' && Date.parse(renewTime ?? '') + durationMs > clock.now(),
  };
}

/** A running controller would do at once what is undone here. */
export async function refuseWhileHeld(client: KubeClient, config: Config): Promise<void> {
  const { identity, isAlive } = await leaseHolder(client, config);
  if (isAlive)
    throw new UserError(
      `${identity} holds the Lease ${config.leaseNamespace}/${config.leaseName}: stop the controller first`,
    );
}
