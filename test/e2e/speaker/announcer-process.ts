import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SegmentNode } from '../../../deploy/local-cluster/segment/segment.mjs';
import type { AnnouncerCounts, AnnouncerReport } from '../../../src/provider/announcer.ts';
import { nextSign } from '../../support/e2e/next-sign.ts';
import { withCapabilities } from '../segment/responder-process.ts';
import type { Command } from './announcer.ts';

const program = fileURLToPath(new URL('announcer.ts', import.meta.url));

interface Said {
  readonly ready?: true;
  readonly report?: AnnouncerReport;
  readonly done?: Command;
  readonly counts?: AnnouncerCounts;
  readonly warned?: string;
}

export interface AnnouncerOptions {
  readonly key?: string;
  readonly settings?: object;
  /** As setpriv has them; absent: NET_RAW alone. */
  readonly capabilities?: string;
}

/** `announcer.ts` on a node of the segment, with no capability but NET_RAW. */
export class AnnouncerProcess {
  readonly node: SegmentNode;
  readonly #child: ReturnType<SegmentNode['namespace']['spawn']>;
  readonly #said: Said[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(node: SegmentNode, options: AnnouncerOptions = {}) {
    this.node = node;
    const args = [process.execPath, program, node.name, options.key ?? 'a key', JSON.stringify(options.settings ?? {})];
    const [command = '', ...rest] = withCapabilities(options.capabilities ?? ',+net_raw', args);
    this.#child = node.namespace.spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('the announcer has no output');
    createInterface({ input: stdout }).on('line', line => {
      this.#said.push(JSON.parse(line) as Said);
      for (const listener of this.#listeners) listener();
    });
  }

  static async start(node: SegmentNode, options: AnnouncerOptions = {}): Promise<AnnouncerProcess> {
    const started = new AnnouncerProcess(node, options);
    await started.#hears(({ ready }) => ready);
    return started;
  }

  /** The last one; empty before the first. */
  get report(): AnnouncerReport {
    const last = this.#said.findLast(({ report }) => report !== undefined)?.report;
    return last ?? { claims: [], conflicts: [], refusals: [], occupied: [], warnings: [] };
  }

  /** As of the last command that was done. */
  get counts(): AnnouncerCounts | undefined {
    return this.#said.findLast(({ counts }) => counts !== undefined)?.counts;
  }

  get warned(): readonly string[] {
    return this.#said.flatMap(({ warned }) => warned ?? []);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Does not wait for it to be done. */
  tell(command: Command): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  /** Resolves when it has been done. */
  async do(command: Command): Promise<void> {
    const from = this.#said.length;
    this.tell(command);
    await this.#hears(({ done }) => (JSON.stringify(done) === JSON.stringify(command) ? true : undefined), from);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async ended(): Promise<{ readonly code: number | null }> {
    if (this.isRunning) await once(this.#child, 'exit');
    return { code: this.#child.exitCode };
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended();
  }

  async #hears<Found>(find: (said: Said) => Found | undefined, from = 0): Promise<Found> {
    for (let at = from; ; at++) {
      while (at >= this.#said.length) await nextSign(this.#child, this.#listeners, 'announcer');
      const said = this.#said[at];
      const found = said && find(said);
      if (found !== undefined) return found;
    }
  }
}
