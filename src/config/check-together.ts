import { writeDeadlineMs } from '../kube/client.ts';
import { checkPools } from './bare-metal-options.ts';
import { printDuration } from './kinds.ts';
import type { Config } from './options.ts';

/** What is wrong although each option is right by itself; one line each, with the remedy. Pure. */
export function checkTogether(config: Config): readonly string[] {
  return [...providers(config), ...leaseTimes(config), ...orphans(config), ...checkPools(config)];
}

function providers({ provider }: Config): readonly string[] {
  const errors: string[] = [];
  for (const name of repeatedIn(provider.map(one => one.name)))
    errors.push(`--provider: two instances are named ${name}: rename one`);
  for (const name of repeatedIn(provider.flatMap(one => one.classes)))
    errors.push(`--provider: class ${name} is given twice: leave it with one instance`);
  const defaults = provider.filter(one => one.isDefault).map(one => one.name);
  if (defaults.length > 1)
    errors.push(`--provider: ${defaults.join(' and ')} are both default: leave it with one instance`);
  return errors;
}

function repeatedIn(words: readonly string[]): readonly string[] {
  return [...new Set(words.filter((word, index) => words.indexOf(word) !== index))];
}

/** A write begun at the last allowed moment must have ended before another process may lead: hence the gap of `writeDeadlineMs`. */
function leaseTimes({ leaseDuration, renewDeadline, retryPeriod }: Config): readonly string[] {
  const errors: string[] = [];
  if (leaseDuration % 1_000 !== 0)
    errors.push(
      `--lease-duration: ${printDuration(leaseDuration)} is not in whole seconds, as a Lease needs: round it`,
    );
  if (leaseDuration - renewDeadline < writeDeadlineMs) {
    errors.push(
      `--renew-deadline: must be at least ${printDuration(writeDeadlineMs)} shorter than --lease-duration (${printDuration(leaseDuration)}): shorten it`,
    );
  }
  if (renewDeadline <= retryPeriod)
    errors.push(`--retry-period: must be shorter than --renew-deadline (${printDuration(renewDeadline)}): shorten it`);
  return errors;
}

/** Two clusters may have been given one name by hand; the UID of kube-system is nobody else's. */
function orphans({ orphans: mode, clusterId }: Config): readonly string[] {
  const isUid = clusterId !== undefined && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(clusterId);
  if (mode !== 'delete' || clusterId === undefined || isUid) return [];
  return [
    '--orphans: delete is refused with a cluster name given by hand: remove --cluster-id, or use --orphans=report',
  ];
}
