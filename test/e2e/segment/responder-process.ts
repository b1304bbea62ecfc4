import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NetworkNamespace } from '../../../deploy/local-cluster/segment/network-namespace.mjs';
import type { NetworkInterface } from '../../../providers/bare-metal/interfaces/network-interface.ts';
import type { Heartbeat } from '../../../providers/bare-metal/wire/heartbeat.ts';
import type { Sighting } from '../../../providers/bare-metal/wire/sighting.ts';
import { nextSign } from '../../support/e2e/next-sign.ts';

const program = fileURLToPath(new URL('responder.ts', import.meta.url));

/** User 0 without any capability but these: what the speaker's manifest gives. */
export function withCapabilities(capabilities: string, command: readonly string[]): readonly string[] {
  return ['setpriv', `--bounding-set=-all${capabilities}`, '--inh-caps=-all', '--no-new-privs', ...command];
}

export interface Said {
  readonly ready?: true;
  readonly done?: string;
  readonly errno?: string;
  readonly fault?: string;
  readonly sighting?: Sighting;
  readonly heartbeat?: Heartbeat | string;
  readonly interfaces?: readonly NetworkInterface[];
  readonly wakeups?: number;
  readonly isOpen?: boolean;
}

/** `responder.ts` in a namespace, with no capability but NET_RAW. */
export class ResponderProcess {
  readonly #child: ReturnType<NetworkNamespace['spawn']>;
  /** Everything that it has said. */
  readonly said: Said[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(namespace: NetworkNamespace, ...options: readonly string[]) {
    const [command = '', ...args] = withCapabilities(',+net_raw', [process.execPath, program, 'eth0', ...options]);
    this.#child = namespace.spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('the responder has no output');
    createInterface({ input: stdout }).on('line', line => {
      this.said.push(JSON.parse(line) as Said);
      for (const listener of this.#listeners) listener();
    });
  }

  /** Resolves with what it says first that matches; what it has said before counts only from `from` on. */
  async hears<Found>(find: (said: Said) => Found | undefined, from = 0): Promise<Found> {
    for (let at = from; ; at++) {
      while (at >= this.said.length) await nextSign(this.#child, this.#listeners, 'responder');
      const said = this.said[at];
      const found = said && find(said);
      if (found !== undefined) return found;
    }
  }

  async ready(): Promise<this> {
    await this.hears(({ ready }) => ready);
    return this;
  }

  /** Resolves when it has been done. */
  async tell(command: string): Promise<void> {
    const from = this.said.length;
    this.#child.stdin?.write(`${command}\n`);
    await this.hears(({ done }) => (done === command ? true : undefined), from);
  }

  async status(): Promise<Said> {
    const from = this.said.length;
    await this.tell('status');
    return this.hears(said => (said.interfaces === undefined ? undefined : said), from);
  }

  /** It gets no processor until `resume`; `pid` is its own, as setpriv and ip become what they start. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
