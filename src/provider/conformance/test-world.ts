import type { Protocol, Provider, ProviderContext } from '../provider.ts';

/**
 * The world outside, as one check sees it: empty at first. Only `createProvider` is required; every further hook lets more checks judge,
 * and those that miss theirs are reported as skipped, by name.
 */
export interface TestWorld {
  /** A new provider on this world. Called again it is a restart, or a second cluster: what was outside must still be there. */
  createProvider(context: ProviderContext): Provider | Promise<Provider>;
  /** Every object there is, whosever it is: one line each, with all its fields, in any order. */
  inventory?(): Promise<readonly string[]>;
  /** What the balancer serves now, whatever it is made of. */
  served?(id: string): Promise<readonly Served[]>;
  /** How many requests that change something have arrived so far, failed ones included. */
  mutations?(): Promise<number>;
  /** Fails the n-th mutating request from now on, once: before it is carried out, or after, when only the answer is lost. 0: none. */
  failMutation?(n: number, when: 'before' | 'after'): Promise<void>;
  /** No request gets an answer until the returned function is called. */
  hang?(): Promise<() => Promise<void>>;
  /** Nothing becomes ready for service until the returned function is called. */
  holdBack?(): Promise<() => Promise<void>>;
  /** Puts objects there that are not the provider's: without marks, and with another owner's. */
  addForeign?(): Promise<void>;
  close?(): Promise<void>;
}

/** One listener in service. */
export interface Served {
  readonly protocol: Protocol;
  readonly port: number;
  /** Absent where the provider does without node ports. */
  readonly nodePort?: number;
  /** Names of nodes; where the balancer was given endpoints, the `address:port` of each that is behind this listener. */
  readonly backends: readonly string[];
  /** Empty where everyone may connect. */
  readonly sourceRanges: readonly string[];
}

export type Hook = Exclude<keyof TestWorld, 'createProvider' | 'close'>;
