import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { removeNamespaceAfterExit, spawnGuarded } from '../guarded-process.mjs';

const execute = promisify(execFile);
const maxOutput = 64 * 1024 * 1024;

/**
 * A network namespace with a name (`ip netns list` shows it), and what runs in it. It goes with `remove()`, or with this process, however
 * that ends.
 */
export class NetworkNamespace {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /**
   * @param {string} name
   * @returns {Promise<NetworkNamespace>} with its loopback up
   */
  static async create(name) {
    // Told first: whoever is killed between the two leaves nothing behind.
    removeNamespaceAfterExit(name);
    await execute('ip', ['netns', 'add', name]);
    const namespace = new NetworkNamespace(name);
    await namespace.ip(['link set lo up']);
    return namespace;
  }

  /**
   * The words that make a command run in here, for whoever spawns by himself.
   * @param {string} program
   * @param {readonly string[]} args
   * @returns {[string, string[]]}
   */
  command(program, args) {
    return ['ip', ['netns', 'exec', this.name, program, ...args]];
  }

  /**
   * Runs a program to its end; throws with what it wrote where it fails.
   * @param {string} program
   * @param {readonly string[]} [args]
   * @param {{ timeoutMs?: number, env?: NodeJS.ProcessEnv }} [options]
   * @returns {Promise<string>} its standard output
   */
  async run(program, args = [], { timeoutMs = 30_000, env = process.env } = {}) {
    const [command, words] = this.command(program, args);
    return (await execute(command, words, { timeout: timeoutMs, maxBuffer: maxOutput, env })).stdout;
  }

  /**
   * Starts a program that ends with this process at the latest.
   * @param {string} program
   * @param {readonly string[]} [args]
   * @param {import('node:child_process').SpawnOptions} [options]
   */
  spawn(program, args = [], options = {}) {
    return spawnGuarded(...this.command(program, args), options);
  }

  /**
   * Several lines for `ip`, in one process: `addr add 198.18.0.1/16 dev eth0`.
   * @param {readonly string[]} lines
   */
  async ip(lines) {
    const running = execute('ip', ['-netns', this.name, '-batch', '-']);
    running.child.stdin?.end(`${lines.join('\n')}\n`);
    await running;
  }

  /** @param {Readonly<Record<string, number>>} values `net.ipv4.ip_forward` */
  async sysctl(values) {
    await this.run('sysctl', ['-qw', ...Object.entries(values).map(([name, value]) => `${name}=${value}`)]);
  }

  /** Everything that runs in here, killed at once, as by a power cut. */
  async killAll() {
    for (const pid of await this.#pids()) killIfAlive(pid);
  }

  async remove() {
    await this.killAll();
    await execute('ip', ['netns', 'delete', this.name]);
    removeNamespaceAfterExit(this.name, false);
  }

  async #pids() {
    const { stdout } = await execute('ip', ['netns', 'pids', this.name]);
    return stdout.split('\n').filter(Boolean).map(Number);
  }
}

/** @param {number} pid */
function killIfAlive(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself.
  }
}
