import { fileURLToPath } from 'node:url';
import { apiRequest } from '../api-request.mjs';
import { ensureBinaries } from '../binaries.mjs';
import { startCluster } from '../cluster.mjs';
import { ensurePackages } from '../debian-packages.mjs';
import { UserError } from '../errors.mjs';
import { endpointSlice, nodeObject } from './cluster-objects.mjs';
import { KubeProxy, kubeProxyUser } from './kube-proxy.mjs';
import { Segment } from './segment.mjs';

const echoBackend = fileURLToPath(new URL('echo-backend.mjs', import.meta.url));
export const echoPort = 8080;

/** What the lab itself calls. */
const packages = ['iproute2', 'procps', 'util-linux', 'nftables', 'iptables', 'conntrack', 'curl'];
const binaries = ['etcd', 'kube-apiserver', 'kubectl', 'kube-proxy'];

/**
 * Why no lab can be had here; undefined where it can.
 * @returns {string | undefined}
 */
export function whyNoLab() {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  return undefined;
}

/**
 * Brings all that a lab needs and is not here yet. Returns why that cannot be, as one line or several for people.
 * @returns {Promise<string | undefined>}
 */
export async function bringLabTools() {
  try {
    await ensurePackages(packages);
    const { paths } = await ensureBinaries(binaries);
    return paths['kube-proxy'] === undefined
      ? 'there is no kube-proxy: install Go to build it, or put one into KUBEBUILDER_ASSETS'
      : undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/**
 * @typedef {object} LabOptions
 * @property {number} [nodes] default 3
 * @property {number} [clients] default 1
 * @property {boolean} [multicastQuerier] the bridge then forwards multicast to members of its groups only
 * @property {import('./kube-proxy.mjs').ProxyMode} [proxyMode] default nftables
 * @property {import('../cluster.d.mts').ClusterOptions} [cluster]
 * @property {readonly string[]} [packages] of Debian, beside those that the lab needs
 */

/** A segment of nodes and clients, a real control plane, and a real kube-proxy in every node. */
export class Lab {
  /** @type {Map<string, KubeProxy>} */
  proxies = new Map();

  /**
   * @param {Segment} segment
   * @param {import('../cluster.d.mts').LocalCluster} cluster
   * @param {string} kubectl
   */
  constructor(segment, cluster, kubectl) {
    this.segment = segment;
    this.cluster = cluster;
    this.kubectl = kubectl;
  }

  /**
   * @param {LabOptions} [options]
   * @returns {Promise<Lab>}
   */
  static async start({
    proxyMode = 'nftables',
    packages: more = [],
    cluster: clusterOptions = {},
    ...segmentOptions
  } = {}) {
    await ensurePackages([...packages, ...more]);
    const { dir, paths } = await ensureBinaries(binaries);
    const segment = await Segment.create(segmentOptions);
    let cluster;
    try {
      cluster = await startCluster({
        assets: dir,
        ...clusterOptions,
        bindAddress: segment.apiAddress,
        namespace: segment.hub.name,
        users: [kubeProxyUser, ...(clusterOptions.users ?? [])],
      });
      const lab = new Lab(segment, cluster, paths['kubectl'] ?? 'kubectl');
      await lab.#joinNodes();
      await lab.#startProxies(paths['kube-proxy'] ?? 'kube-proxy', proxyMode);
      return lab;
    } catch (error) {
      await cluster?.stop();
      await segment.close();
      throw error;
    }
  }

  /**
   * As admin.
   * @param {'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} method a PATCH is a merge patch
   * @param {string} path
   * @param {object} [body]
   */
  request(method, path, body) {
    return apiRequest(this.cluster, method, path, body);
  }

  /**
   * A pod that answers HTTP and UDP on port 8080 with its own name and the client's address.
   * @param {import('./segment.mjs').SegmentNode} node
   */
  async addEchoPod(node) {
    const pod = await this.segment.addPod(node);
    const child = pod.namespace.spawn(process.execPath, [echoBackend, pod.name, String(echoPort)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve, reject) => {
      child.stdout?.once('data', resolve);
      child.once('exit', code => reject(new Error(`The backend ${pod.name} ended with ${code}.`)));
    });
    return pod;
  }

  /**
   * Writes a Service's EndpointSlices, for both families, over those that are there.
   * @param {{ service: string, namespace?: string, ports: readonly { name: string, port: number, protocol?: 'TCP' | 'UDP' | 'SCTP' }[],
   *   backends: readonly (import('./cluster-objects.mjs').Backend & { ready?: boolean })[] }} wanted
   */
  async setEndpoints({ namespace = 'default', ...wanted }) {
    const folder = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
    for (const family of /** @type {const} */ (['v4', 'v6'])) {
      const slice = endpointSlice({ namespace, family, ...wanted });
      const path = `${folder}/${slice.metadata.name}`;
      const isThere = await this.request('GET', path).then(
        () => true,
        () => false,
      );
      await (isThere ? this.request('PUT', path, slice) : this.request('POST', folder, slice));
    }
  }

  async stop() {
    await Promise.all([...this.proxies.values()].map(proxy => proxy.stop('SIGKILL'))); // its rules go with the namespace
    await this.cluster.stop();
    await this.segment.close();
  }

  async #joinNodes() {
    for (const node of this.segment.nodes) await this.request('POST', '/api/v1/nodes', nodeObject(node));
  }

  /**
   * @param {string} binary
   * @param {import('./kube-proxy.mjs').ProxyMode} mode
   */
  async #startProxies(binary, mode) {
    const kubeconfig = this.cluster.kubeconfigFor(kubeProxyUser.name);
    for (const node of this.segment.nodes)
      this.proxies.set(node.name, new KubeProxy({ node, binary, kubeconfig, dir: this.cluster.dir, mode }));
    await Promise.all([...this.proxies.values()].map(proxy => proxy.start()));
  }
}
