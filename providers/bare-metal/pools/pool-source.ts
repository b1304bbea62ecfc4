import type { ProviderContext, Resource, ResourceView } from '../../../src/provider/provider.ts';
import type { BareMetalConfig } from '../config.ts';
import { kinds, metallbKinds } from './kinds.ts';
import { type PoolFault, type PoolPlan, planPools, type Written } from './plan-pools.ts';
import { PoolSet } from './pool-set.ts';

type Views = Readonly<Record<'addressPools' | 'ipAddressPools' | 'l2Advertisements', ResourceView | undefined>>;

/** The pools in force: the last set that was valid as a whole. What is refused, or not known, takes nothing away. */
export class PoolSource {
  readonly #config: BareMetalConfig;
  readonly #log: ProviderContext['log'];
  readonly #views: Views;
  #plan: PoolPlan = { set: PoolSet.empty, faults: [] };
  #inForce: ReadonlyMap<string, number> = new Map();
  #signature = '';
  #told = '';
  #hasValid = false;

  /**
   * `changed` is told after a look has found something else in force, or something else refused. Throws a line for the operator where the
   * configuration itself is at fault.
   */
  constructor(context: ProviderContext, config: BareMetalConfig, changed: () => void) {
    this.#config = config;
    this.#log = context.log;
    const [fault] = planPools({
      configured: config.pools,
      addressPools: [],
      ipAddressPools: [],
      l2Advertisements: [],
      isEverythingKnown: true,
    }).faults;
    if (fault !== undefined) throw new Error(`bare-metal: ${fault.message}`);
    const metallb = metallbKinds(config.metallbNamespace);
    const view = (kind: Parameters<ProviderContext['resources']>[0], isRead: boolean): ResourceView | undefined =>
      isRead ? context.resources(kind, () => this.look() && changed()) : undefined;
    const theirs = config.kinds.includes('IPAddressPool');
    this.#views = {
      addressPools: view(kinds.addressPools, config.kinds.includes('AddressPool')),
      ipAddressPools: view(metallb.ipAddressPools, theirs),
      l2Advertisements: view(metallb.l2Advertisements, theirs),
    };
    this.look();
  }

  get set(): PoolSet {
    return this.#plan.set;
  }

  /** Why what is written is not in force. */
  get faults(): readonly PoolFault[] {
    return this.#plan.faults;
  }

  /** The AddressPools as they are written: theirs is a status to be kept. */
  get addressPools(): readonly Resource[] {
    return this.#views.addressPools?.items ?? [];
  }

  /** Whether the object counts as it is written now. */
  isInForce({ uid, generation }: Resource): boolean {
    return this.#inForce.get(uid) === generation;
  }

  /** Reads everything again. True where something is in force, or refused, that was not. */
  look(): boolean {
    const written = this.#written();
    const signature = signatureOf(written);
    if (signature === this.#signature) return false;
    this.#signature = signature;
    const plan = planPools(written);
    this.#tell(plan);
    const isValid = plan.faults.length === 0;
    const keepsLast = !isValid && this.#hasValid;
    this.#hasValid ||= isValid;
    this.#plan = { set: keepsLast ? this.#plan.set : plan.set, faults: plan.faults };
    if (!keepsLast) this.#inForce = generationsOf(written, plan);
    return true;
  }

  #written(): Written {
    const { addressPools, ipAddressPools, l2Advertisements } = this.#views;
    const read = [addressPools, ipAddressPools].filter(view => view !== undefined);
    return {
      configured: this.#config.pools,
      addressPools: itemsOf(addressPools),
      ipAddressPools: itemsOf(ipAddressPools),
      l2Advertisements: itemsOf(l2Advertisements),
      isEverythingKnown: read.every(({ items }) => items !== undefined),
    };
  }

  #tell({ faults }: PoolPlan): void {
    const text = faults.map(({ message }) => message).join('; ');
    if (text === this.#told) return;
    this.#told = text;
    if (text === '') this.#log.info({}, 'the address pools are valid again');
    else
      this.#log.warn(
        { faults: text.slice(0, 2_000) },
        'the address pools are refused: the last valid ones stay in force',
      );
  }
}

/** A kind that is not read at all is known to be empty. */
function itemsOf(view: ResourceView | undefined): readonly Resource[] | undefined {
  return view === undefined ? [] : view.items;
}

/** Changes with every change of what is written, but not with the status. */
function signatureOf({ addressPools, ipAddressPools, l2Advertisements, isEverythingKnown }: Written): string {
  const lists = [addressPools, ipAddressPools, l2Advertisements].map(
    list => list?.map(({ uid, generation, labels }) => [uid, generation, labels]) ?? null,
  );
  return JSON.stringify([lists, isEverythingKnown]);
}

function generationsOf({ addressPools, ipAddressPools }: Written, { faults }: PoolPlan): ReadonlyMap<string, number> {
  const refused = new Set(faults.flatMap(({ about }) => about.map(({ origin }) => origin?.uid)));
  const sound = [...(addressPools ?? []), ...(ipAddressPools ?? [])].filter(({ uid }) => !refused.has(uid));
  return new Map(sound.map(({ uid, generation }) => [uid, generation]));
}
