import type { Config } from '../config/options.ts';
import { systemClock as clock } from '../kube/clock.ts';
import { type ConnectOptions, connect, type KubeConnection } from '../kube/connection.ts';
import { version } from '../version.ts';
import { orUserError } from './user-error.ts';

/** The API server that the options name. */
export function connectAs(
  config: Pick<Config, 'kubeconfig' | 'context'>,
  more: Pick<ConnectOptions, 'observe'> = {},
): Promise<KubeConnection> {
  const { kubeconfig, context } = config;
  return orUserError(() =>
    connect({
      ...(kubeconfig !== undefined && { kubeconfig }),
      ...(context !== undefined && { context }),
      userAgent: `fairlead/${version}`,
      clock,
      ...more,
    }),
  );
}
