import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBinaries } from './binaries.mjs';
import { apiServerFlags, etcdFlags, flagArguments } from './cluster-flags.mjs';
import { freePort } from './free-port.mjs';
import { removeAfterExit } from './guarded-process.mjs';
import { kubeconfigText, newToken, tokenFileText } from './kubeconfig.mjs';
import { untilReady } from './readiness.mjs';
import { ServerProcess } from './server-process.mjs';

const readyDeadlineMs = 60_000;
const startAttempts = 3;

/**
 * A real etcd and a real kube-apiserver in a temporary folder, ready when this resolves.
 * @param {import('./cluster.d.mts').ClusterOptions} [options]
 * @returns {Promise<import('./cluster.d.mts').LocalCluster>}
 */
export async function startCluster(options = {}) {
  const { dir: assets } = options.assets === undefined ? await ensureBinaries() : { dir: options.assets };
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'fairlead-cluster-'));
  mkdirSync(dir, { recursive: true });
  removeAfterExit(dir);
  for (let attempt = 1; ; attempt++) {
    const cluster = new Cluster(dir, assets, options, { etcd: await freePort(), apiServer: await freePort() });
    try {
      await cluster.start();
      return cluster;
    } catch (error) {
      await cluster.stop();
      if (!(error instanceof LostPort) || attempt === startAttempts) throw error;
    }
  }
}

/** Between our look at a port and the server's listening on it, somebody else took it. */
class LostPort extends Error {}

/**
 * @typedef {import('./cluster.d.mts').LocalCluster} LocalCluster
 * @implements {LocalCluster}
 */
class Cluster {
  /** @type {import('./cluster-flags.mjs').Flags} */
  #flags;
  #users;
  #ports;
  caPem = '';

  /**
   * @param {string} dir
   * @param {string} assets
   * @param {import('./cluster.d.mts').ClusterOptions} options
   * @param {{ etcd: number, apiServer: number }} ports
   */
  constructor(dir, assets, options, ports) {
    this.dir = dir;
    this.assets = assets;
    this.etcd = new ServerProcess('etcd', join(dir, 'etcd.log'), options.namespace);
    this.apiServer = new ServerProcess('kube-apiserver', join(dir, 'kube-apiserver.log'), options.namespace);
    this.#ports = ports;
    const address = options.bindAddress ?? '127.0.0.1';
    this.url = `https://${address}:${ports.apiServer}`;
    this.adminToken = newToken();
    this.#users = [
      { name: 'admin', groups: ['system:masters'], token: this.adminToken },
      ...(options.users ?? []).map(({ name, groups = [] }) => ({ name, groups, token: newToken() })),
    ];
    const standard = apiServerFlags({
      etcdPort: ports.etcd,
      address,
      port: ports.apiServer,
      certDir: join(dir, 'certificates'),
      tokenFile: join(dir, 'tokens.csv'),
      keyFile: join(dir, 'service-accounts.key'),
      nodePortRange: options.serviceNodePortRange,
    });
    this.#flags = { ...standard, ...options.apiServerFlags };
  }

  get kubeconfig() {
    return join(this.dir, 'admin.kubeconfig');
  }

  async start() {
    mkdirSync(this.dir, { recursive: true });
    writeFileSync(join(this.dir, 'tokens.csv'), tokenFileText(this.#users), { mode: 0o600 });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(this.dir, 'service-accounts.key'), key, { mode: 0o600 });
    const flags = etcdFlags({ dataDir: join(this.dir, 'etcd'), port: this.#ports.etcd });
    this.etcd.start(join(this.assets, 'etcd'), flagArguments(flags));
    await this.startApiServer();
    this.kubeconfigFor('admin');
  }

  async startApiServer() {
    this.apiServer.start(join(this.assets, 'kube-apiserver'), flagArguments(this.#flags));
    const outcome = await untilReady({
      url: this.url,
      token: this.adminToken,
      caPem: () => this.#readCa(),
      alive: () => this.apiServer.pid !== undefined && this.etcd.pid !== undefined,
      deadlineMs: readyDeadlineMs,
    });
    if (outcome !== 'ready') throw this.#startError(outcome);
    this.caPem = this.#readCa() ?? '';
  }

  /** @param {NodeJS.Signals} [signal] */
  async stopApiServer(signal) {
    await this.apiServer.stop(signal);
  }

  /** @param {{ flags?: import('./cluster-flags.mjs').Flags }} [options] */
  async restartApiServer({ flags = {} } = {}) {
    await this.stopApiServer();
    this.#flags = { ...this.#flags, ...flags };
    await this.startApiServer();
  }

  freezeApiServer() {
    this.apiServer.signal('SIGSTOP');
  }

  thawApiServer() {
    this.apiServer.signal('SIGCONT');
  }

  /** @param {string} userName */
  kubeconfigFor(userName) {
    const user = this.#users.find(({ name }) => name === userName);
    if (user === undefined) throw new Error(`No user ${userName}: name it in startCluster({ users: [{ name }] }).`);
    const path = join(this.dir, `${encodeURIComponent(userName)}.kubeconfig`);
    const { url, caPem } = this;
    writeFileSync(path, kubeconfigText({ url, caPem, user: userName, token: user.token }), { mode: 0o600 });
    return path;
  }

  async stop() {
    await this.apiServer.stop();
    await this.etcd.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The server's own certificate, which it makes at its first start, with the CA that signed it. */
  #readCa() {
    const path = join(this.dir, 'certificates', 'apiserver.crt');
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  /** @param {'exited' | 'timeout'} outcome */
  #startError(outcome) {
    const culprit = this.etcd.pid === undefined ? this.etcd : this.apiServer;
    const log = culprit.logTail();
    const what = outcome === 'exited' ? 'stopped' : `was not ready after ${readyDeadlineMs / 1000} s`;
    const message = `${culprit.name} ${what}. The end of its log:\n${log}`;
    return log.includes('address already in use') ? new LostPort(message) : new Error(message);
  }
}
