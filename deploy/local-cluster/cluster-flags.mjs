/** @typedef {Record<string, string | null>} Flags a null takes a flag away */

/**
 * `{ v: '2' }` → `['--v=2']`. Pure.
 * @param {Flags} flags
 */
export function flagArguments(flags) {
  return Object.entries(flags).flatMap(([name, value]) => (value === null ? [] : [`--${name}=${value}`]));
}

/**
 * @param {{ dataDir: string, port: number }} options
 * @returns {Flags}
 */
export function etcdFlags({ dataDir, port }) {
  const url = `http://127.0.0.1:${port}`;
  return {
    'data-dir': dataDir,
    'listen-client-urls': url,
    'advertise-client-urls': url,
    // Nobody joins: any port will do for the peers.
    'listen-peer-urls': 'http://127.0.0.1:0',
    // The data are thrown away with the cluster: waiting for the disk buys nothing.
    'unsafe-no-fsync': 'true',
    'log-level': 'warn',
  };
}

/**
 * @param {{ etcdPort: number, address: string, port: number, certDir: string, tokenFile: string, keyFile: string,
 *   nodePortRange: string | undefined }} options
 * @returns {Flags}
 */
export function apiServerFlags({ etcdPort, address, port, certDir, tokenFile, keyFile, nodePortRange }) {
  return {
    'etcd-servers': `http://127.0.0.1:${etcdPort}`,
    'bind-address': address,
    'secure-port': String(port),
    // Where there is no default route, it finds no address to advertise by itself and stops.
    'advertise-address': address,
    // An Endpoints object may not hold a loopback address: without this it tries, and complains, for ever.
    'endpoint-reconciler-type': 'none',
    'cert-dir': certDir,
    'token-auth-file': tokenFile,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': keyFile,
    'service-account-signing-key-file': keyFile,
    'authorization-mode': 'RBAC',
    // Two families, so that dual-stack Services can be made; one family stays the default of a Service.
    'service-cluster-ip-range': '10.96.0.0/16,fd00:10:96::/112',
    'service-node-port-range': nodePortRange ?? null,
    // It would wait for service-account tokens that only kube-controller-manager makes.
    'disable-admission-plugins': 'ServiceAccount',
  };
}
