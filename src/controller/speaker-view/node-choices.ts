import type { Node } from '../../kube/objects.ts';
import { type NodeChoice, type SpeakingNode, whyNotNode } from '../../plan/announce/why-not.ts';

/** The nodes that may announce for everyone with one choice, and where on this very node. */
export interface ChosenNodes {
  readonly nodes: readonly string[];
  readonly interfaces: readonly string[];
  /** How much each is preferred, where they are not all alike. */
  readonly preferences: ReadonlyMap<string, number> | undefined;
}

/**
 * Which nodes may announce, whatever the endpoints: computed once for each choice in use after nodes have changed, so that thousands of
 * Services cost one list. Lists that are equal are one and the same frozen array.
 */
export class NodeChoices {
  readonly #self: string;
  readonly #nodes = new Map<string, Node>();
  readonly #said = new Map<string, string>();
  #speakers: ReadonlySet<string> = new Set();
  #drained: ReadonlySet<string> = new Set();
  #chosen = new Map<string, ChosenNodes>();
  #shared = new Map<string, readonly string[]>();
  #before = new Map<string, readonly string[]>();

  constructor(self: string) {
    this.#self = self;
  }

  /** Returns whether anything that decides is different. */
  nodeChanged(name: string, node: Node | undefined): boolean {
    const says = node === undefined ? '' : decisive(node);
    if (node === undefined) this.#nodes.delete(name);
    else this.#nodes.set(name, node);
    const isAnother = (this.#said.get(name) ?? '') !== says;
    if (says === '') this.#said.delete(name);
    else this.#said.set(name, says);
    return isAnother;
  }

  /** `speakers`: nodes that have a speaker, or had one. Returns whether anything is different. */
  speakersChanged(speakers: ReadonlySet<string>, drained: ReadonlySet<string>): boolean {
    const isAnother = !isSame(speakers, this.#speakers) || !isSame(drained, this.#drained);
    this.#speakers = speakers;
    this.#drained = drained;
    return isAnother;
  }

  /** Nodes and speakers may have changed: everything is computed anew when it is asked for. */
  renew(): void {
    this.#chosen = new Map();
    this.#before = this.#shared;
    this.#shared = new Map();
  }

  get(choice: NodeChoice): ChosenNodes {
    const key = `${choice.service.text}\n${choice.advertisement?.id ?? ''}`;
    const known = this.#chosen.get(key);
    if (known !== undefined) return known;
    const nodes = [...this.#nodes.keys()].filter(name => whyNotNode(this.node(name), choice) === undefined);
    const labels = this.#nodes.get(this.#self)?.metadata.labels ?? {};
    const interfaces = choice.advertisement?.interfacesOn(labels) ?? [];
    const chosen = { nodes: this.shared(nodes.sort()), interfaces, preferences: this.#preferences(nodes, choice) };
    this.#chosen.set(key, chosen);
    return chosen;
  }

  #preferences(nodes: readonly string[], { advertisement }: NodeChoice): ChosenNodes['preferences'] {
    if (advertisement?.preferenceOf === undefined) return undefined;
    const labelsOf = (name: string) => this.#nodes.get(name)?.metadata.labels ?? {};
    const of = new Map(nodes.map(name => [name, advertisement.preferenceOf?.(labelsOf(name)) ?? 0]));
    return new Set(of.values()).size > 1 ? of : undefined;
  }

  /** The one array that says the same. */
  shared(nodes: readonly string[]): readonly string[] {
    if (Object.isFrozen(nodes)) return nodes;
    const key = nodes.join();
    const one = this.#shared.get(key) ?? this.#before.get(key) ?? Object.freeze([...nodes]);
    this.#shared.set(key, one);
    return one;
  }

  node(name: string): SpeakingNode {
    return { node: this.#nodes.get(name), hasSpeaker: this.#speakers.has(name), isDrained: this.#drained.has(name) };
  }

  names(): readonly string[] {
    return [...this.#nodes.keys()].sort();
  }
}

/** All that `whyNotNode` looks at: a kubelet writes its node more often than that changes. */
function decisive({ metadata, spec, status }: Node): string {
  return JSON.stringify([metadata.deletionTimestamp, metadata.labels, spec?.taints, status?.conditions]);
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every(one => b.has(one));
}
