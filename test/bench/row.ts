import type { Bundles } from './bundles.ts';
import type { Figure } from './figure.ts';
import { Stage } from './stage/stage.ts';
import { SpeakerLab } from './wire/speaker-lab.ts';

/** How a run is made. */
export interface Plan {
  /** How often each measurement is taken; the median counts. */
  readonly times: number;
  /** Of the numbers of Services and Nodes; 1 for figures that count. */
  readonly scale: number;
}

/** What a row measures with. */
export class Bench {
  readonly times: number;
  readonly #scale: number;
  readonly #bundles: Bundles;
  readonly #progress: (text: string) => void;
  /** Version of the clusters; undefined before the first one. */
  kubernetes: string | undefined;

  constructor(plan: Plan, bundles: Bundles, progress: (text: string) => void) {
    this.times = plan.times;
    this.#scale = plan.scale;
    this.#bundles = bundles;
    this.#progress = progress;
  }

  /** A number of objects, scaled. */
  many(count: number): number {
    return Math.max(1, Math.round(count * this.#scale));
  }

  say(text: string): void {
    this.#progress(text);
  }

  /** Runs `use` with a cluster of its own. */
  async onStage<Result>(use: (stage: Stage) => Promise<Result>): Promise<Result> {
    const stage = await Stage.open(this.#bundles);
    try {
      this.kubernetes = await stage.kubernetes();
      await stage.quiet();
      return await use(stage);
    } finally {
      await stage.close();
    }
  }

  /** Runs `use` with a segment of so many nodes and the speakers on them. */
  async onSpeakerLab<Result>(nodes: number, use: (lab: SpeakerLab) => Promise<Result>): Promise<Result> {
    const lab = await SpeakerLab.open(this.#bundles.fairlead, nodes);
    try {
      this.kubernetes = (await lab.api.request<{ gitVersion: string }>('GET', '/version'))?.gitVersion;
      return await use(lab);
    } finally {
      await lab.close();
    }
  }

  /** `times` results, one after the other. */
  async repeat<Result>(measure: (turn: number) => Promise<Result>): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (let turn = 1; turn <= this.times; turn++) results.push(await measure(turn));
    return results;
  }
}

/** One or more lines of the table that are measured together. */
export interface Row {
  readonly name: string;
  /** Why it cannot be measured here, in a line for people; undefined where it can. */
  unavailable?(): Promise<string | undefined>;
  measure(bench: Bench): Promise<readonly Figure[]>;
}
