import type { Config } from '../config/options.ts';
import { reachCluster } from './reach-cluster.ts';

/** The controller role: loads what waits for the network after the first request has left, which shortens the start. */
export async function runController(config: Config): Promise<0 | 1> {
  const reached = await reachCluster(config);
  const { runControllerProcess } = await import('./controller-process.ts');
  return runControllerProcess(config, reached);
}
