import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ServerProcess } from '../server-process.mjs';
import { podNetworks } from './addresses.mjs';

/** The user that Kubernetes' own role binding gives a proxy's rights to. */
export const kubeProxyUser = { name: 'system:kube-proxy' };

const healthPort = 10256;
const readyDeadlineMs = 30_000;

/** @typedef {'nftables' | 'iptables'} ProxyMode */

/**
 * Pure.
 * @param {{ node: string, mode: ProxyMode, kubeconfig: string }} proxy
 */
export function kubeProxyConfig({ node, mode, kubeconfig }) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode,
    hostnameOverride: node,
    clientConnection: { kubeconfig },
    clusterCIDR: podNetworks.join(','),
    healthzBindAddress: `0.0.0.0:${healthPort}`,
    metricsBindAddress: '127.0.0.1:10249',
    // These sysctls are the machine's, not the namespace's: zeros leave them alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    // How long changes are collected before they are written. A second is the default: right for a thousand Services.
    nftables: { minSyncPeriod: '100ms' },
    iptables: { minSyncPeriod: '100ms' },
  };
}

/** A real kube-proxy in a node's namespace. */
export class KubeProxy {
  #binary;
  #configFile;
  #process;
  #healthUrl;

  /**
   * @param {{ node: import('./segment.mjs').SegmentNode, binary: string, kubeconfig: string, dir: string, mode: ProxyMode }} options
   */
  constructor({ node, binary, kubeconfig, dir, mode }) {
    this.#binary = binary;
    this.#configFile = join(dir, `kube-proxy-${node.name}.json`);
    writeFileSync(this.#configFile, JSON.stringify(kubeProxyConfig({ node: node.name, mode, kubeconfig }), null, 2));
    this.#process = new ServerProcess('kube-proxy', join(dir, `kube-proxy-${node.name}.log`), node.namespace.name);
    this.#healthUrl = `http://${node.control}:${healthPort}/livez`;
  }

  /** Resolves when it has written its first rules. */
  async start() {
    this.#process.start(this.#binary, [`--config=${this.#configFile}`]);
    const deadline = performance.now() + readyDeadlineMs;
    while (!(await answersOk(this.#healthUrl))) {
      if (this.#process.pid === undefined || performance.now() > deadline)
        throw new Error(`kube-proxy is not ready. The end of its log:\n${this.#process.logTail()}`);
      await pause(50);
    }
  }

  /** @param {NodeJS.Signals} [signal] */
  async stop(signal) {
    await this.#process.stop(signal);
  }
}

/** @param {string} url */
async function answersOk(url) {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    answer => answer.ok,
    () => false,
  );
}
