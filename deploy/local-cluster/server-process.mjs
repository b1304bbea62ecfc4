import { closeSync, openSync, readFileSync } from 'node:fs';
import { spawnGuarded } from './guarded-process.mjs';

const goneAfterMs = 5_000;

/**
 * etcd or kube-apiserver: a child whose output goes to a log file, started and stopped any number of times.
 */
export class ServerProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;

  /**
   * @param {string} name for messages
   * @param {string} logFile
   * @param {string} [namespace] the network namespace to run in
   */
  constructor(name, logFile, namespace) {
    this.name = name;
    this.logFile = logFile;
    /** @type {readonly string[]} `ip netns exec` becomes the program: the pid and the signals are the program's. */
    this.prefix = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  }

  /** Undefined while it does not run. */
  get pid() {
    return this.#child?.pid;
  }

  /**
   * @param {string} binary
   * @param {readonly string[]} args
   */
  start(binary, args) {
    if (this.#child !== undefined)
      throw new Error(`${this.name} already runs (pid ${this.#child.pid}): stop it first.`);
    const log = openSync(this.logFile, 'a');
    const [command = binary, ...words] = [...this.prefix, binary, ...args];
    const child = spawnGuarded(command, words, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    const gone = () => {
      if (this.#child === child) this.#child = undefined;
    };
    child.once('exit', gone);
    child.once('error', gone);
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#child?.kill(signal);
  }

  /**
   * Resolves when the process has gone; SIGKILL follows a signal that did not help.
   * @param {NodeJS.Signals} [signal]
   */
  async stop(signal = 'SIGTERM') {
    const child = this.#child;
    if (child === undefined) return;
    /** @type {Promise<void>} */
    const exited = new Promise(resolve => child.once('exit', () => resolve()));
    child.kill(signal);
    child.kill('SIGCONT'); // a frozen process takes no signal but SIGKILL
    const killer = setTimeout(() => child.kill('SIGKILL'), goneAfterMs);
    await exited;
    clearTimeout(killer);
  }

  logTail(lines = 15) {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}
