import type { Warning } from '../../../src/provider/provider.ts';
import { isForbidden } from '../client/classify-error.ts';
import { nameOf } from '../client/links.ts';
import type { Firewall } from '../client/resources.ts';
import { sameFirewall } from '../plan/same-firewall.ts';
import type { Writer } from './writer.ts';

/**
 * Makes a firewall rule so. `forbidden`: with a shared VPC its rules are often somebody else's to make, so this stops no balancer: what is to
 * be done by hand is said in a Warning.
 */
export async function ensureFirewall(writer: Writer, wanted: Firewall): Promise<'done' | 'forbidden'> {
  const found = writer.find('firewalls', wanted.name);
  if (found !== undefined && sameFirewall(wanted, found)) return 'done';
  try {
    if (found === undefined) await writer.insert('firewalls', wanted);
    else if ((found.targetTags ?? []).length > 0 && wanted.targetTags === undefined) {
      const { targetTags: _none, selfLink: _link, ...rest } = found;
      await writer.replace('firewalls', { ...rest, ...wanted });
    } else
      await writer.patch('firewalls', wanted.name, {
        ...wanted,
        ...(found.disabled === true ? { disabled: false } : {}),
      });
    return 'done';
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return 'forbidden';
  }
}

/** The rule as a command, for whoever may make it: under a name of its own, so that nobody takes it for one of ours. Pure. */
export function byHand(rule: Firewall, networkProject: string): Warning {
  const rules = (rule.allowed ?? []).flatMap(({ IPProtocol, ports = [] }) =>
    ports.map(port => `${IPProtocol}:${port}`),
  );
  const command = [
    `gcloud compute firewall-rules create ${rule.name}-by-hand`,
    `--project=${networkProject}`,
    `--network=${nameOf(rule.network ?? '')}`,
    '--direction=INGRESS',
    `--allow=${rules.join(',')}`,
    `--source-ranges=${(rule.sourceRanges ?? []).join(',')}`,
    ...(rule.destinationRanges === undefined ? [] : [`--destination-ranges=${rule.destinationRanges.join(',')}`]),
    ...(rule.targetTags === undefined ? [] : [`--target-tags=${rule.targetTags.join(',')}`]),
  ].join(' ');
  return {
    reason: 'LoadBalancerManualChange',
    message: `firewall rules of ${networkProject} may not be changed: have its administrator run "${command}", or set config.firewall to "none"`,
  };
}
