import type { LocalCluster } from '../../../deploy/local-cluster/cluster.mjs';

/** What every show of the demo is given. */
export interface Stage {
  /** In the order of the making; run in the opposite one, whatever happens. */
  readonly cleanUps: (() => Promise<void>)[];
  /** Whether everything stays until Ctrl-C. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

export function say(text: string): void {
  process.stdout.write(`\n▸ ${text}\n`);
}

export function show(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`  ${line}\n`);
}

/** Until Ctrl-C. */
export async function keepRunning(
  cluster: LocalCluster,
  kubectl: string,
  signal: AbortSignal,
  more: readonly string[] = [],
): Promise<void> {
  say('Left running until Ctrl-C. In another terminal:');
  show(`export KUBECONFIG=${cluster.kubeconfig}`, `${kubectl} get services`, ...more);
  await new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
