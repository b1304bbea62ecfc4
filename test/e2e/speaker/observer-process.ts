import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Member } from '../../../deploy/local-cluster/segment/segment.mjs';

const program = fileURLToPath(new URL('observer.ts', import.meta.url));

export interface Observation {
  readonly asked: readonly number[];
  /** When a frame said who has the address, and which MAC: answers and announcements. */
  readonly answers: readonly (readonly [at: number, mac: string])[];
}

/** `observer.ts` on a client. */
export class ObserverProcess {
  readonly #child: ReturnType<Member['namespace']['spawn']>;
  readonly #lines: AsyncIterator<string>;

  private constructor(client: Member, address: string, everyMs: number) {
    const args = [program, address, client.v4, client.mac, String(everyMs)];
    this.#child = client.namespace.spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('the observer has no output');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  static async start(client: Member, address: string, everyMs = 2): Promise<ObserverProcess> {
    const started = new ObserverProcess(client, address, everyMs);
    await started.#lines.next();
    return started;
  }

  async end(): Promise<Observation> {
    this.#child.stdin?.end();
    const { value } = await this.#lines.next();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return JSON.parse(String(value)) as Observation;
  }
}

/** The longest time in which nothing said who has the address. */
export function longestGap({ answers }: Observation): number {
  return Math.max(0, ...answers.slice(1).map(([at], index) => at - (answers[index]?.[0] ?? at)));
}

/** From the first frame of the new owner to the last one of the old; 0 where they do not overlap. */
export function overlap({ answers }: Observation, before: string, after: string): number {
  const first = answers.find(([, mac]) => mac === after)?.[0];
  const last = answers.findLast(([, mac]) => mac === before)?.[0];
  return first === undefined || last === undefined ? 0 : Math.max(0, last - first);
}

/** MACs in the order in which each was heard first. */
export function macsOf({ answers }: Observation): readonly string[] {
  return [...new Set(answers.map(([, mac]) => mac))];
}
