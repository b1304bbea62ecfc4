import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Member } from '../../../deploy/local-cluster/segment/segment.mjs';

const program = fileURLToPath(new URL('attacker.ts', import.meta.url));

/** `attacker.ts` on a client. */
export class AttackerProcess {
  readonly #child: ReturnType<Member['namespace']['spawn']>;
  readonly #lines: AsyncIterator<string>;

  private constructor(client: Member) {
    this.#child = client.namespace.spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('the attacker has no output');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  static async start(client: Member): Promise<AttackerProcess> {
    const started = new AttackerProcess(client);
    await started.#lines.next();
    return started;
  }

  /** Resolves when it has been sent; with `count`, how many heartbeats it has heard. */
  async do(command: string): Promise<number> {
    this.#child.stdin?.write(`${command}\n`);
    return Number((await this.#lines.next()).value);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
