import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Member, Segment } from '../../../deploy/local-cluster/segment/segment.mjs';

const program = fileURLToPath(new URL('observe_segment.py', import.meta.url));

/** What one frame said of an address. */
export interface Frame {
  /** Arrival, in Unix milliseconds with their fraction. */
  readonly at: number;
  readonly kind: 'arp-request' | 'arp-reply' | 'ns' | 'na' | 'other';
  readonly source: string;
  readonly destination: string;
  readonly address?: string;
  readonly mac?: string;
}

export interface Observer {
  /** What was heard so far. */
  readonly frames: readonly Frame[];
  stop(): Promise<readonly Frame[]>;
}

/** Hears all ARP and ND frames that reach a member, and asks for the addresses named every `intervalMs`. */
export async function observe(
  { interface: device }: Segment,
  { namespace, v4, v6 }: Member,
  { ask = [], intervalMs = 2 }: { readonly ask?: readonly string[]; readonly intervalMs?: number } = {},
): Promise<Observer> {
  const options = ['--from', `${v4},${v6}`, '--ask', ask.join(','), '--interval-ms', String(intervalMs)];
  const child = namespace.spawn('python3', [program, device, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('The observer has no pipes.');
  const frames: Frame[] = [];
  const lines = createInterface({ input: stdout });
  const ended = new Promise<void>(resolve => lines.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    lines.once('line', () => resolve());
    child.once('exit', code => reject(new Error(`The observer ended with ${code}.`)));
  });
  lines.on('line', line => frames.push(frameOf(JSON.parse(line) as Frame)));
  return {
    frames,
    async stop() {
      stdin.end();
      await ended;
      return frames;
    },
  };
}

/** Who answered a question for `address`, and when. */
export function answersFor(frames: readonly Frame[], address: string): readonly Frame[] {
  return frames.filter(frame => frame.address === address && (frame.kind === 'arp-reply' || frame.kind === 'na'));
}

/**
 * For how long two hosts answered: from the first answer of one until the last of the host before it; the longest such time, in
 * milliseconds. Zero where one fell silent before the next one spoke. Pure.
 *
 * | answers, by time         | →                |
 * |--------------------------|------------------|
 * | a a a b b                | 0                |
 * | a a b a b b              | from b to last a |
 * | a                        | 0                |
 */
export function doubleAnswersMs(answers: readonly Pick<Frame, 'at' | 'mac'>[]): number {
  const spans = new Map<string, { first: number; last: number }>();
  for (const { at, mac = '' } of answers) {
    const span = spans.get(mac) ?? { first: at, last: at };
    spans.set(mac, { first: Math.min(span.first, at), last: Math.max(span.last, at) });
  }
  const ordered = [...spans.values()].toSorted((a, b) => a.first - b.first);
  return Math.max(0, ...ordered.slice(1).map((span, index) => (ordered[index]?.last ?? span.first) - span.first));
}

function frameOf(line: Frame): Frame {
  return { ...line, at: line.at / 1e6 };
}
