import type { Clock } from './clock.ts';
import type { ClusterAccess, Credentials } from './kube-config.ts';

/** Credentials are looked at again after this time, so a new token or certificate is in use that soon. */
const freshMs = 10_000;
/** A server that answers every request with 401 must not start a credential plugin for each. */
const renewPauseMs = 5_000;

/** The credentials in use: evaluated at most every few seconds, however many requests there are. */
export class CredentialCache {
  readonly #load: () => Promise<ClusterAccess>;
  readonly #clock: Clock;
  #access: ClusterAccess;
  #held: Credentials;
  #evaluatedAt: number;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #evaluating: Promise<Credentials> | undefined;
  #renewing: Promise<boolean> | undefined;

  private constructor(load: () => Promise<ClusterAccess>, access: ClusterAccess, held: Credentials, clock: Clock) {
    this.#load = load;
    this.#access = access;
    this.#held = held;
    this.#clock = clock;
    this.#evaluatedAt = clock.monotonic();
  }

  static async create(load: () => Promise<ClusterAccess>, clock: Clock): Promise<CredentialCache> {
    const access = await load();
    return new CredentialCache(load, access, await access.evaluate(), clock);
  }

  get access(): ClusterAccess {
    return this.#access;
  }

  /** Those that were good before stay in use where new ones cannot be had: whether they are still good is for the server to say. */
  async get(): Promise<Credentials> {
    if (this.#clock.monotonic() - this.#evaluatedAt < freshMs) return this.#held;
    this.#evaluating ??= this.#evaluate().finally(() => (this.#evaluating = undefined));
    return this.#evaluating;
  }

  /**
   * After a 401: reads everything anew, the kubeconfig included. Returns whether there is anything other than what was refused, so that
   * another try makes sense.
   */
  async renew(refused: Credentials): Promise<boolean> {
    if (this.#held !== refused) return true;
    if (this.#clock.monotonic() - this.#renewedAt < renewPauseMs) return false;
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #evaluate(): Promise<Credentials> {
    try {
      this.#held = await this.#access.evaluate();
    } catch {
      // See `get`.
    }
    this.#evaluatedAt = this.#clock.monotonic();
    return this.#held;
  }

  async #renew(): Promise<boolean> {
    try {
      const access = await this.#load();
      this.#held = await access.evaluate();
      this.#access = access;
      return true;
    } catch {
      return false;
    } finally {
      this.#renewedAt = this.#evaluatedAt = this.#clock.monotonic();
    }
  }
}
