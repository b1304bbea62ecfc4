import { chooseOwners } from './choose-owners.ts';

/** What the choice of owners needs to know of an address. */
export interface Choosable {
  readonly address: string;
  readonly hash: number;
  readonly candidates: readonly string[];
  /** How much each is preferred; undefined: all alike. */
  readonly preferences: ReadonlyMap<string, number> | undefined;
}

export interface ChoiceContext {
  readonly now: number;
  /** How long the chosen one may take to claim. */
  readonly patienceMs: number;
  /** How many addresses each node claims. */
  readonly loads: ReadonlyMap<string, number>;
  /** Who of the candidates lives and may take the address. */
  livingOf(orphan: Choosable): readonly string[];
  /** Until when this node is waited for, where that is longer than the patience. */
  waitsUntil(node: string): number;
}

interface Assignment {
  readonly orphan: Choosable;
  /** Who is to claim it; `undefined`: not chosen yet, or nobody can. */
  assignee: string | undefined;
  until: number;
  readonly passedOver: Set<string>;
}

/** After all have been passed over, everybody is asked again. */
const againMs = 1_000;

/** Addresses that nobody holds, and who was chosen to take them. */
export class Orphans {
  readonly #orphans = new Map<string, Assignment>();

  get size(): number {
    return this.#orphans.size;
  }

  addresses(): IterableIterator<string> {
    return this.#orphans.keys();
  }

  add(orphan: Choosable): void {
    if (this.#orphans.has(orphan.address)) return;
    this.#orphans.set(orphan.address, { orphan, assignee: undefined, until: 0, passedOver: new Set() });
  }

  delete(address: string): void {
    this.#orphans.delete(address);
  }

  clear(): void {
    this.#orphans.clear();
  }

  assigneeOf(address: string): string | undefined {
    return this.#orphans.get(address)?.assignee;
  }

  /** Its turn was not used: the next one's. */
  passOver(address: string, node: string): void {
    const orphan = this.#orphans.get(address);
    if (orphan === undefined) return;
    orphan.passedOver.add(node);
    orphan.assignee = undefined;
  }

  /** Chooses for those of `addresses` that nobody living is chosen for; returns what has been chosen now. */
  assign(
    addresses: Iterable<string>,
    context: ChoiceContext,
  ): readonly { address: string; node: string; until: number }[] {
    const open: Assignment[] = [];
    for (const address of addresses) {
      const orphan = this.#orphans.get(address);
      if (orphan !== undefined && this.#isOpen(orphan, context)) open.push(orphan);
    }
    const owners = chooseOwners(
      open.map(({ orphan, passedOver }) => ({ ...orphan, candidates: context.livingOf(orphan), passedOver })),
      this.#loads(context.loads),
    );
    return open.flatMap(assignment => {
      const { address } = assignment.orphan;
      const node = owners.get(address);
      assignment.assignee = node;
      assignment.until = context.now + (node === undefined ? againMs : context.patienceMs);
      if (node === undefined) assignment.passedOver.clear();
      else assignment.until = Math.max(assignment.until, context.waitsUntil(node));
      return [{ address, node: node ?? '', until: assignment.until }];
    });
  }

  #isOpen(assignment: Assignment, context: ChoiceContext): boolean {
    const { orphan, assignee, until, passedOver } = assignment;
    if (assignee === undefined) return true;
    const isLiving = context.livingOf(orphan).includes(assignee);
    if (isLiving && context.now < until) return false;
    if (isLiving) passedOver.add(assignee);
    assignment.assignee = undefined;
    return true;
  }

  /** What is chosen but not claimed yet counts too. */
  #loads(claimed: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const loads = new Map(claimed);
    for (const { assignee } of this.#orphans.values()) {
      if (assignee !== undefined) loads.set(assignee, (loads.get(assignee) ?? 0) + 1);
    }
    return loads;
  }
}
