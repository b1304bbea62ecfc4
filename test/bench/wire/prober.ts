import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Member } from '../../../deploy/local-cluster/segment/segment.mjs';
import { within } from '../deadline.ts';
import type { WireTools } from './tools.ts';

const device = 'eth0';

/** One frame that was heard, or one question, in Unix milliseconds. */
export interface Heard {
  readonly kind: 'ask' | 'reply' | 'announce';
  readonly at: number;
  readonly address: string;
  /** Empty for a question. */
  readonly mac: string;
}

export interface RoundTrips {
  /** In microseconds. */
  readonly taken: readonly number[];
  readonly unanswered: number;
}

/** Asks one question after the other, each after the answer and `gapMicros`. */
export async function roundTrips(
  { prober }: WireTools,
  { namespace, v4 }: Member,
  asked: { readonly target: string; readonly warmUp: number; readonly count: number; readonly gapMicros: number },
): Promise<RoundTrips> {
  const { target, warmUp, count, gapMicros } = asked;
  const args = ['rtt', device, v4, target, ...[warmUp, count, gapMicros].map(String)];
  const text = await namespace.run(prober, args, { timeoutMs: 60_000 + 20 * (warmUp + count) });
  const all = text.trim().split(' ').map(Number);
  const taken = all.filter(micros => micros >= 0);
  return { taken, unanswered: all.length - taken.length };
}

/** Foreign questions at an even rate; resolves with how many a second it has been. */
export async function flood(
  { prober }: WireTools,
  { namespace, v4 }: Member,
  asked: { readonly perSecond: number; readonly seconds: number; readonly first: string; readonly targets: number },
): Promise<number> {
  const { perSecond, seconds, first, targets } = asked;
  const args = ['flood', device, v4, String(perSecond), String(seconds), first, String(targets)];
  return Number(await namespace.run(prober, args, { timeoutMs: 30_000 + 2_000 * seconds }));
}

/** A client that asks every so often, whatever comes back, and keeps all that it hears of the addresses. */
export class Watcher {
  readonly heard: Heard[] = [];
  readonly #child: ReturnType<Member['namespace']['spawn']>;
  readonly #lines: ReturnType<typeof createInterface>;

  private constructor({ prober }: WireTools, { namespace, v4 }: Member, addresses: readonly string[], everyMs: number) {
    const args = ['watch', device, v4, String(everyMs * 1_000), ...addresses];
    this.#child = namespace.spawn(prober, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('the prober has no output');
    this.#lines = createInterface({ input: stdout });
    this.#lines.on('line', line => {
      const [kind = '', at = '', address = '', mac = ''] = line.split(' ');
      if (kind !== 'ready') this.heard.push({ kind: kind as Heard['kind'], at: Number(at), address, mac });
    });
  }

  /** Asks for the addresses in turn. */
  static async start(tools: WireTools, client: Member, addresses: readonly string[], everyMs = 2): Promise<Watcher> {
    const watcher = new Watcher(tools, client, addresses, everyMs);
    await within(20_000, 'the prober to start', once(watcher.#lines, 'line'));
    return watcher;
  }

  async stop(): Promise<readonly Heard[]> {
    const closed = once(this.#lines, 'close');
    this.#child.stdin?.end();
    await within(20_000, 'an end of the prober', closed);
    return this.heard;
  }
}

/** The clock of `Heard`. */
export function unixMs(): number {
  return performance.timeOrigin + performance.now();
}
