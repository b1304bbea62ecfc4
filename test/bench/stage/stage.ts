import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalCluster, startCluster } from '../../../deploy/local-cluster/cluster.mjs';
import { freePort } from '../../../deploy/local-cluster/free-port.mjs';
import { manifestsUnder } from '../../support/manifests.ts';
import type { Bundles } from '../bundles.ts';
import { pause } from '../deadline.ts';
import { Api } from './api.ts';
import { Contender, type ContenderOptions } from './contender.ts';
import { createNodes } from './nodes.ts';
import { ServiceWatch } from './service-watch.ts';
import { createServices, newNames } from './services.ts';
import { cpuMs } from './usage.ts';

export type Side = 'fairlead' | 'bare loop';

export interface StartOptions {
  /** Whether the provider keeps things outside the cluster, and so needs the finalizer. Default false. */
  readonly finalizer?: boolean;
  /** The provider bare-metal in place of the one in memory. Default false. */
  readonly bareMetal?: boolean;
  /** Whether the provider counts what it is asked. Default false. */
  readonly counted?: boolean;
  /** Beside another fairlead. Default false. */
  readonly second?: boolean;
}

const countedProvider = fileURLToPath(new URL('../counted-provider.ts', import.meta.url));
/** Room for more Services than any row makes. */
const pool = '10.64.0.0/14';
/** Of bare metal: the size. */
const bareMetalPool = '10.64.0.0/16';
const fewNodes = 3;
const quietPercent = 10;
const quietLimitMs = 30_000;

/** A cluster of its own for one row, and what runs against it. */
export class Stage {
  readonly api: Api;
  readonly #cluster: LocalCluster;
  readonly #bundles: Bundles;
  /** The same at every start: they are part of the configuration, of which a change is published. */
  readonly #ports: readonly number[];
  readonly #contenders: Contender[] = [];
  readonly #watches: ServiceWatch[] = [];

  private constructor(cluster: LocalCluster, bundles: Bundles, ports: readonly number[]) {
    this.#cluster = cluster;
    this.#bundles = bundles;
    this.#ports = ports;
    this.api = new Api(cluster);
  }

  /** With a few Nodes: without any, every Service gets a Warning. */
  static async open(bundles: Bundles): Promise<Stage> {
    const stage = new Stage(await startCluster(), bundles, [await freePort(), await freePort()]);
    await createNodes(stage.api, fewNodes);
    return stage;
  }

  async close(): Promise<void> {
    await Promise.all(this.#contenders.map(contender => contender.kill()));
    await this.api.close();
    await this.#cluster.stop();
  }

  async kubernetes(): Promise<string> {
    const version = await this.api.request<{ gitVersion: string }>('GET', '/version');
    return version?.gitVersion ?? 'unknown';
  }

  /** With default flags: the election is on. */
  start(side: Side, options: StartOptions = {}): Contender {
    const contender = side === 'fairlead' ? this.#startFairlead(options) : this.#startBareLoop(options);
    this.#contenders.push(contender);
    return contender;
  }

  /** Fails what it waits for when a process that should run has ended. */
  async watch(): Promise<ServiceWatch> {
    const watch = await ServiceWatch.open(this.api);
    this.#watches.push(watch);
    return watch;
  }

  /** Makes Services that somebody who runs already has to serve; resolves with their names when all have addresses. */
  async serve(count: number): Promise<readonly string[]> {
    const watch = await this.watch();
    try {
      const names = newNames(count);
      await createServices(this.api, names);
      await watch.untilAddresses(names, 30_000 + 60 * count);
      return names;
    } finally {
      watch.close();
    }
  }

  /** Until etcd and the API server have little left to do; after a while in any case, since a busy machine never is quiet. */
  async quiet(): Promise<void> {
    const end = performance.now() + quietLimitMs;
    let [before, at] = [this.#serverCpuMs(), performance.now()];
    for (;;) {
      await pause(500);
      const [after, now] = [this.#serverCpuMs(), performance.now()];
      if ((100 * (after - before)) / (now - at) < quietPercent || now > end) return;
      [before, at] = [after, now];
    }
  }

  /** The kinds that come with the installation for bare metal. */
  async applyKinds(): Promise<void> {
    for (const manifest of manifestsUnder('deploy/crds').values()) {
      if (manifest.kind !== 'CustomResourceDefinition') continue;
      await this.api.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', manifest);
    }
  }

  #startFairlead({ finalizer = false, bareMetal = false, counted = false, second = false }: StartOptions): Contender {
    const listen = `127.0.0.1:${this.#ports[second ? 1 : 0]}`;
    const [module, config] = bareMetal
      ? ['bare-metal', { pools: [bareMetalPool] }]
      : [counted ? countedProvider : 'in-memory', { pool, keepsOutside: finalizer }];
    const provider = `bench=${module},default,config=${JSON.stringify(config)}`;
    const access = `--kubeconfig=${this.#cluster.kubeconfig}`;
    const { fairlead } = this.#bundles;
    const command = [...fairlead, 'controller', access, `--provider=${provider}`, `--listen=${listen}`];
    return new Contender({ ...this.#contenderOptions(), command, metricsUrl: `http://${listen}/metrics` });
  }

  #startBareLoop({ finalizer = false }: StartOptions): Contender {
    const { bareLoop } = this.#bundles;
    const command = [...bareLoop, this.#cluster.kubeconfig, ...(finalizer ? ['--finalizer'] : [])];
    return new Contender({ ...this.#contenderOptions(), command });
  }

  #contenderOptions(): Pick<ContenderOptions, 'logFile' | 'onFailure'> {
    return {
      logFile: join(this.#cluster.dir, `contender-${this.#contenders.length + 1}.log`),
      onFailure: error => this.#watches.forEach(watch => watch.fail(error)),
    };
  }

  #serverCpuMs(): number {
    const { etcd, apiServer } = this.#cluster;
    return [etcd.pid, apiServer.pid].reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : cpuMs(pid)), 0);
  }
}
