import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../free-port.mjs';
import { ServerProcess } from '../server-process.mjs';

const execute = promisify(execFile);

/** @param {string} path from the root of the clone */
const inClone = path => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const speakerPort = 9440;
const readyDeadlineMs = 60_000;
/** What deploy/ gives a speaker, and no more: UID 0 without a capability but one. */
const asInAPod = ['setpriv', '--bounding-set=-all,+net_raw', '--inh-caps=-all', '--no-new-privs'];

/**
 * @typedef {object} FairleadOptions
 * @property {object} config of the provider bare-metal, such as `{ pools: ['198.18.0.0/24'] }`
 * @property {readonly string[]} [controllerFlags]
 * @property {readonly string[]} [speakerFlags]
 */

/** fairlead in a lab: the controller as a process of this machine, and a speaker in every node's namespace. */
export class Fairlead {
  /** @type {Map<string, ServerProcess>} by node */
  speakers = new Map();
  #lab;
  #options;
  #controllerPort;
  #common;

  /**
   * @param {import('./lab.mjs').Lab} lab
   * @param {FairleadOptions} options
   * @param {number} controllerPort
   */
  constructor(lab, options, controllerPort) {
    const { dir, kubeconfig } = lab.cluster;
    this.#lab = lab;
    this.#options = options;
    this.#controllerPort = controllerPort;
    this.#common = [
      `--kubeconfig=${kubeconfig}`,
      `--provider=metal=bare-metal,default,config=${JSON.stringify(options.config)}`,
    ];
    this.controller = new ServerProcess('fairlead controller', join(dir, 'fairlead-controller.log'));
    for (const { name, namespace } of lab.segment.nodes) {
      const log = join(dir, `fairlead-speaker-${name}.log`);
      this.speakers.set(name, new ServerProcess(`fairlead speaker of ${name}`, log, namespace.name));
    }
    writeFileSync(this.#keyFile, randomBytes(32), { mode: 0o600 });
  }

  /**
   * Resolves when the controller leads and every speaker is ready.
   * @param {import('./lab.mjs').Lab} lab
   * @param {FairleadOptions} options
   */
  static async start(lab, options) {
    const { kubectl, cluster, segment } = lab;
    await execute(kubectl, [
      'apply',
      `--kubeconfig=${cluster.kubeconfig}`,
      '--server-side',
      '-k',
      inClone('deploy/crds'),
    ]);
    const fairlead = new Fairlead(lab, options, await freePort());
    await Promise.all([fairlead.startController(), ...segment.nodes.map(node => fairlead.startSpeaker(node))]);
    return fairlead;
  }

  async startController() {
    const flags = [
      ...this.#common,
      `--listen=127.0.0.1:${this.#controllerPort}`,
      ...(this.#options.controllerFlags ?? []),
    ];
    this.controller.start(process.execPath, [inClone('src/main.ts'), 'controller', ...flags]);
    await untilReady(this.controller, `http://127.0.0.1:${this.#controllerPort}/readyz`);
  }

  /** @param {import('./segment.mjs').SegmentNode} node */
  async startSpeaker({ name, control }) {
    const speaker = this.speaker(name);
    const flags = [
      ...this.#common,
      `--node=${name}`,
      `--heartbeat-key-file=${this.#keyFile}`,
      `--listen=${control}:${speakerPort}`,
      ...(this.#options.speakerFlags ?? []),
    ];
    const [command = '', ...words] = [...asInAPod, process.execPath, inClone('src/main.ts'), 'speaker', ...flags];
    speaker.start(command, words);
    await untilReady(speaker, `http://${control}:${speakerPort}/readyz`);
  }

  /** @param {string} node */
  speaker(node) {
    const speaker = this.speakers.get(node);
    if (speaker === undefined) throw new Error(`No speaker for ${node}.`);
    return speaker;
  }

  /**
   * A command of fairlead's, such as `drain node-a`, as an operator runs it; throws with what it wrote where it fails.
   * @param {readonly string[]} words
   */
  async run(...words) {
    const flags = [`--kubeconfig=${this.#lab.cluster.kubeconfig}`];
    return (await execute(process.execPath, [inClone('src/main.ts'), ...words, ...flags])).stdout;
  }

  async stop() {
    await Promise.all([this.controller, ...this.speakers.values()].map(each => each.stop()));
  }

  get #keyFile() {
    return join(this.#lab.cluster.dir, 'heartbeat.key');
  }
}

/**
 * @param {ServerProcess} server
 * @param {string} url
 */
async function untilReady(server, url) {
  const deadline = performance.now() + readyDeadlineMs;
  while (!(await answersOk(url))) {
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
