import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../free-port.mjs';
import { ServerProcess } from '../server-process.mjs';
import { accounts, applyManifests, controllerKubeconfig, speakerKubeconfig } from './install-fairlead.mjs';

const execute = promisify(execFile);
const source = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

const speakerPort = 7480;
const readyDeadlineMs = 60_000;
/** What the DaemonSet gives a speaker, and no more: UID 0 with one capability. */
const asInAPod = ['setpriv', '--bounding-set=-all,+net_raw', '--inh-caps=-all', '--no-new-privs'];

/**
 * @typedef {object} FairleadOptions
 * @property {readonly string[]} [command] a program and its first arguments; default: Node and the source of this clone. Another one: Node and
 *   `dist/fairlead.js` of a build
 * @property {object} config of the provider bare-metal, such as `{ pools: ['198.18.0.0/24'] }`
 * @property {readonly string[]} [controllerFlags]
 * @property {readonly string[]} [speakerFlags]
 */

/** @typedef {{ server: ServerProcess, url: string, start(): void }} Role a process of fairlead's, and where it serves */

/**
 * fairlead in a lab: the controller as a process of this machine, and a speaker in every node's namespace, with the rights, privileges
 * and admission policy of the manifests.
 */
export class Fairlead {
  /** @type {Map<string, Role>} by node */
  #speakers = new Map();
  #lab;
  #options;
  #command;
  /** @type {Role | undefined} */
  #controller;

  /**
   * @param {import('./lab.mjs').Lab} lab
   * @param {FairleadOptions} options
   */
  constructor(lab, options) {
    this.#lab = lab;
    this.#options = options;
    this.#command = options.command ?? [process.execPath, source];
  }

  /**
   * Resolves when the controller leads and every speaker is ready.
   * @param {import('./lab.mjs').Lab} lab
   * @param {FairleadOptions} options
   */
  static async start(lab, options) {
    await applyManifests(lab);
    const fairlead = new Fairlead(lab, options);
    const keyFile = join(lab.cluster.dir, 'heartbeat.key');
    writeFileSync(keyFile, randomBytes(32), { mode: 0o600 });
    await fairlead.#prepareController();
    for (const node of lab.segment.nodes) await fairlead.#prepareSpeaker(node, keyFile);
    const nodes = lab.segment.nodes.map(({ name }) => name);
    try {
      await Promise.all([fairlead.startController(), ...nodes.map(name => fairlead.startSpeaker(name))]);
      return fairlead;
    } catch (error) {
      await fairlead.stop();
      throw error;
    }
  }

  get controller() {
    if (this.#controller === undefined) throw new Error('No controller has been started.');
    return this.#controller;
  }

  /** @param {string} node */
  speaker(node) {
    const speaker = this.#speakers.get(node);
    if (speaker === undefined) throw new Error(`No speaker for ${node}.`);
    return speaker;
  }

  /** Resolves when it is ready; so does a second start, after a stop. */
  async startController() {
    await started(this.controller);
  }

  /** @param {string} node */
  async startSpeaker(node) {
    await started(this.speaker(node));
  }

  /**
   * A command of fairlead's, such as `drain node-a`, as an operator runs it; throws with what it wrote where it fails.
   * @param {readonly string[]} words
   */
  async run(...words) {
    const flags = [`--kubeconfig=${this.#lab.cluster.kubeconfig}`];
    const [program = '', ...first] = this.#command;
    return (await execute(program, [...first, ...words, ...flags])).stdout;
  }

  /** The ends of all logs, for whoever wants to know what went wrong. */
  logTails() {
    const servers = [this.controller, ...this.#speakers.values()].map(({ server }) => server);
    return servers.map(server => `--- ${server.name}\n${server.logTail()}\n`).join('');
  }

  async stop() {
    await Promise.all([this.controller, ...this.#speakers.values()].map(({ server }) => server.stop()));
  }

  async #prepareController() {
    const { dir } = this.#lab.cluster;
    const server = new ServerProcess('fairlead controller', join(dir, 'fairlead-controller.log'));
    const address = `127.0.0.1:${await freePort()}`;
    const flags = [
      ...this.#commonFlags(await controllerKubeconfig(this.#lab)),
      `--lease-namespace=${accounts.controller.namespace}`,
      `--listen=${address}`,
      ...(this.#options.controllerFlags ?? []),
    ];
    const [program = '', ...first] = this.#command;
    const start = () => server.start(program, [...first, 'controller', ...flags]);
    this.#controller = { server, url: `http://${address}`, start };
  }

  /**
   * @param {import('./segment.mjs').SegmentNode} node
   * @param {string} keyFile
   */
  async #prepareSpeaker({ name, namespace, control }, keyFile) {
    const log = join(this.#lab.cluster.dir, `fairlead-speaker-${name}.log`);
    const server = new ServerProcess(`fairlead speaker of ${name}`, log, namespace.name);
    const address = `${control}:${speakerPort}`;
    const flags = [
      ...this.#commonFlags(await speakerKubeconfig(this.#lab, name)),
      `--lease-namespace=${accounts.speaker.namespace}`,
      `--node=${name}`,
      `--heartbeat-key-file=${keyFile}`,
      `--listen=${address}`,
      ...(this.#options.speakerFlags ?? []),
    ];
    const [program = '', ...words] = [...asInAPod, ...this.#command, 'speaker', ...flags];
    this.#speakers.set(name, { server, url: `http://${address}`, start: () => server.start(program, words) });
  }

  /** @param {string} kubeconfig */
  #commonFlags(kubeconfig) {
    const provider = `--provider=metal=bare-metal,default,config=${JSON.stringify(this.#options.config)}`;
    return [`--kubeconfig=${kubeconfig}`, provider];
  }
}

/** @param {Role} role */
async function started(role) {
  const { server, url } = role;
  role.start();
  const deadline = performance.now() + readyDeadlineMs;
  while (!(await answersOk(`${url}/readyz`))) {
    if (server.pid === undefined || performance.now() > deadline)
      throw new Error(`${server.name} is not ready. The end of its log:\n${server.logTail()}`);
    await pause(50);
  }
}

/** @param {string} url */
async function answersOk(url) {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    answer => answer.ok,
    () => false,
  );
}
