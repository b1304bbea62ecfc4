import { effectiveConfig } from '../config/effective-config.ts';
import type { Config } from '../config/options.ts';
import { fenced } from '../controller/fence.ts';
import { type KubeClient, objectPath, patchType, statusOf } from '../kube/client.ts';
import type { Leadership } from '../kube/election.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Log } from '../telemetry/log.ts';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Shows the configuration in force in a ConfigMap, written only where it differs. A failure is logged and delays nothing. */
export async function publishConfig(client: KubeClient, leading: Leadership, config: Config, log: Log): Promise<void> {
  const folder = objectPath('/api/v1/namespaces', config.leaseNamespace, 'configmaps');
  const path = objectPath(folder, config.configmap);
  const data = effectiveConfig(config);
  const leader = fenced(client, leading);
  try {
    const current = await read(client, path);
    if (current === undefined)
      await leader.request({ method: 'POST', path: folder, body: { metadata: { name: config.configmap }, data } });
    else if (!same(current.data ?? {}, data)) {
      const { uid, resourceVersion } = current.metadata;
      const stale = Object.keys(current.data ?? {}).filter(key => !Object.hasOwn(data, key));
      const body = {
        metadata: { uid, resourceVersion },
        data: { ...Object.fromEntries(stale.map(key => [key, null])), ...data },
      };
      await leader.request({ method: 'PATCH', path, contentType: patchType.merge, body });
    }
  } catch (error) {
    if (!leading.signal.aborted)
      log.warn(
        { err: error, configMap: `${config.leaseNamespace}/${config.configmap}` },
        'the configuration could not be published',
      );
  }
}

async function read(client: KubeClient, path: string): Promise<ConfigMap | undefined> {
  try {
    return await client.request<ConfigMap>({ method: 'GET', path });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => a[key] === b[key]);
}
