import { ensureBinaries } from '../../../deploy/local-cluster/binaries.mjs';
import { type LocalCluster, startCluster } from '../../../deploy/local-cluster/cluster.mjs';
import { endpointSlice, nodeObject } from '../../../deploy/local-cluster/segment/cluster-objects.mjs';
import { Fairlead } from '../../../deploy/local-cluster/segment/fairlead.mjs';
import { Lab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { Segment, type SegmentNode } from '../../../deploy/local-cluster/segment/segment.mjs';
import { eachAtOnce, poll } from '../deadline.ts';
import { Api } from '../stage/api.ts';
import { ServiceWatch } from '../stage/service-watch.ts';
import { createServices, newNames } from '../stage/services.ts';

/** Everything of the segment below its nodes and clients. */
const pool = '198.18.0.0-198.18.199.255';

interface SpeakerStatus {
  readonly status?: { readonly claimCount?: number };
}

/**
 * A real control plane, a controller, and a speaker on each node of a segment: the built bundle with default flags, under the rights of the
 * manifests. No kube-proxy: nothing is sent to the addresses.
 */
export class SpeakerLab {
  readonly segment: Segment;
  readonly cluster: LocalCluster;
  readonly fairlead: Fairlead;
  readonly api: Api;
  readonly #lab: Lab;

  private constructor(lab: Lab, fairlead: Fairlead) {
    this.#lab = lab;
    this.fairlead = fairlead;
    this.segment = lab.segment;
    this.cluster = lab.cluster;
    this.api = new Api(lab.cluster);
  }

  static async open(command: readonly string[], nodes: number): Promise<SpeakerLab> {
    const { dir, paths } = await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl']);
    const segment = await Segment.create({ nodes, clients: 1 });
    const cluster = await startCluster({ assets: dir, bindAddress: segment.apiAddress, namespace: segment.hub.name });
    const lab = new Lab(segment, cluster, paths['kubectl'] ?? 'kubectl');
    try {
      for (const node of segment.nodes) await lab.request('POST', '/api/v1/nodes', nodeObject(node));
      const options = { command, config: { pools: [pool] } };
      return new SpeakerLab(lab, await Fairlead.start(lab, options));
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Makes Services with a ready endpoint each; resolves with their addresses when all have one. */
  async serve(count: number): Promise<readonly string[]> {
    const [names, [node]] = [newNames(count), this.segment.nodes];
    if (node === undefined) throw new Error('a segment without nodes');
    const watch = await ServiceWatch.open(this.api);
    try {
      await createServices(this.api, names);
      await eachAtOnce(names, 16, name => this.#addEndpoint(name, node));
      await watch.untilAddresses(names, 60_000 + 60 * count);
      return names.flatMap(name => watch.addressOf(name) ?? []);
    } finally {
      watch.close();
    }
  }

  /** Until the node's speaker has recorded that it announces so many addresses. */
  async untilClaimed({ name }: SegmentNode, count: number): Promise<void> {
    const what = `${count} addresses announced by ${name}`;
    await poll({ limitMs: 60_000 + 60 * count, everyMs: 250, what }, async () => {
      const path = `/apis/fairlead.dev/v1beta1/speakers/${name}`;
      const speaker = await this.api.request<SpeakerStatus>('GET', path, undefined, [404]);
      return speaker?.status?.claimCount === count ? true : undefined;
    });
  }

  pidOf({ name }: SegmentNode): number {
    const { server } = this.fairlead.speaker(name);
    if (server.pid === undefined) throw new Error(`${server.name} has ended:\n${server.logTail()}`);
    return server.pid;
  }

  /** Resolves when it has gone. */
  async kill({ name }: SegmentNode): Promise<void> {
    const { server } = this.fairlead.speaker(name);
    server.signal('SIGKILL');
    await poll({ limitMs: 5_000, everyMs: 5, what: `an end of ${server.name}` }, () =>
      server.pid === undefined ? true : undefined,
    );
  }

  async close(): Promise<void> {
    await this.fairlead.stop();
    await this.api.close();
    await this.#lab.stop();
  }

  async #addEndpoint(service: string, node: SegmentNode): Promise<void> {
    const backends = [{ node, v4: '198.19.1.10', v6: '2001:db8:19:1::10' }];
    const ports = [
      { name: 'http', port: 8080 },
      { name: 'https', port: 8443 },
    ];
    const slice = endpointSlice({ service, family: 'v4', ports, backends });
    await this.api.request('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', slice);
  }
}
