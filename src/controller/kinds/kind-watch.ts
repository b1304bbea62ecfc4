import { type KubeClient, KubeError } from '../../kube/client.ts';
import type { Clock, Random } from '../../kube/clock.ts';
import { keyOf } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { type Change, Store } from '../../kube/store.ts';
import type { ResourceKind } from '../../provider/provider.ts';
import type { Log } from '../log.ts';
import { type KindObject, kindName, kindPath, trimKindObject } from './kind-object.ts';
import { canVanish, observePresence, type Presence } from './kind-presence.ts';
import type { KindView } from './kind-view.ts';

export interface KindWatchOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly pageSize?: number;
}

/** Objects that are deleted together are judged together. */
const quietMs = 1_000;
/** Who makes a kind again fills it over some seconds. */
const returnMs = 10_000;
/** Discovery lags behind a deletion by less. */
const secondLookMs = 1_500;
/** How often a kind that is leaving is looked at again. */
const lookAgainMs = 30_000;
/** The same for one that could not be looked at. */
const retryMs = 2_000;
/** A kind whose lists fail for other reasons than its absence or our rights keeps nobody waiting for longer. */
const mostWaitMs = 30_000;

/**
 * Why the store is not what is shown. `unlisted`: no list could be trusted yet; `shrinking`: objects have gone, and it is not known yet
 * whether somebody has deleted them or the kind is leaving; `gone`: the kind is leaving or has left; `returning`: there is a sign of it.
 */
type Held = 'unlisted' | 'shrinking' | 'gone' | 'returning' | undefined;

/**
 * One kind, listed and watched for ever. Its store follows the API server; its view follows the store, but for objects that may be
 * missing only because the whole kind is: those stay shown until a look at the kind itself says that it is there to stay.
 *
 * | held            | what happens                   | →                                                                |
 * |-----------------|--------------------------------|------------------------------------------------------------------|
 * | –               | an object comes or changes     | shown                                                            |
 * | –               | an object goes                 | shrinking; a look after 1 s                                      |
 * | unlisted        | a list                         | a look at once                                                   |
 * | gone            | a list, a change               | returning; a look after 10 s                                     |
 * | not unlisted    | a list finds no such kind      | gone: the watch may have ended before it told of the removals    |
 * | any             | the look says: leaving         | gone; a look every 30 s                                          |
 * | shrinking       | it says: made anew meanwhile   | returning                                                        |
 * | gone, returning | it says: made anew, and empty  | gone: nobody has filled it yet                                   |
 * | any             | it says: served                | shown as it is; where only discovery says so, after a second look |
 */
export class KindWatch {
  readonly kind: ResourceKind;
  readonly view: KindView;
  readonly store: Store<KindObject>;
  readonly #options: KindWatchOptions;
  readonly #reflector: Reflector<KindObject>;
  readonly #stop = new AbortController();
  #isRunning = false;
  #held: Held = 'unlisted';
  /** Of the kind whose objects are shown. */
  #identity = '';
  #why: string | undefined;
  #listFault: string | undefined;
  #isSecondLook = false;
  #cancelLook: (() => void) | undefined;
  /** Grows with every look; one that is overtaken counts no more. */
  #look = 0;
  /** Who waits for a list of this leadership, and whether it has come. */
  #fresh: { readonly settled: PromiseWithResolvers<void>; isListed: boolean } | undefined;

  constructor(kind: ResourceKind, view: KindView, options: KindWatchOptions) {
    const { client, clock, random, log, pageSize = 500 } = options;
    const onFault = (error: unknown): void => log.warn({ err: error, kind: kindName(kind) }, 'fault in the store');
    this.kind = kind;
    this.view = view;
    this.#options = options;
    this.store = new Store({ keep: trimKindObject, onChange: change => this.#changed(change), onFault });
    this.#reflector = new Reflector({
      client,
      clock,
      random,
      pageSize,
      path: kindPath(kind),
      store: this.store,
      onListed: () => this.#listed(),
      onError: (error, during) => this.#failed(error, during),
    });
  }

  /** Asks for a list taken after this call; `ready` waits for it. */
  refresh(signal: AbortSignal): void {
    if (!this.#isRunning) void this.#reflector.run(this.#stop.signal);
    this.#isRunning = true;
    const fresh = { settled: Promise.withResolvers<void>(), isListed: false };
    this.#fresh?.settled.resolve();
    this.#fresh = fresh;
    const cancel = this.#options.clock.after(mostWaitMs, () => fresh.settled.resolve());
    void fresh.settled.promise.then(cancel);
    this.#reflector.refresh(signal).then(
      () => {
        fresh.isListed = true;
        this.#settle();
      },
      () => fresh.settled.resolve(),
    );
  }

  /** Resolves when the view holds the list that was asked for, or the kind is known not to be readable, or 30 s have passed. */
  async ready(): Promise<void> {
    await this.#fresh?.settled.promise;
  }

  /** The answer to a write of ours: the writer knows it, so nobody is told. */
  applied(object: KindObject): void {
    this.store.applied(object);
    const key = keyOf(object);
    const held = this.store.get(key);
    if (held !== undefined && this.#held === undefined) this.view.replace(key, held);
  }

  close(): void {
    this.#stop.abort();
    this.#cancelLook?.();
    this.#look += 1;
    this.#fresh?.settled.resolve();
  }

  #changed({ key, current }: Change<KindObject>): void {
    const isRemoval = current === undefined && canVanish(this.kind);
    switch (this.#held) {
      case undefined:
        if (!isRemoval) return this.view.take(key, current);
        this.#held = 'shrinking';
        return this.#lookIn(quietMs);
      case 'shrinking':
        // A look that began before this removal says nothing about it.
        if (isRemoval && (this.#cancelLook === undefined || this.#isSecondLook)) this.#lookIn(quietMs);
        return;
      case 'gone':
        return this.#returns();
      case 'unlisted':
      case 'returning':
        return;
    }
  }

  #listed(): void {
    this.#listFault = undefined;
    // At once: its question leaves before the watch makes its connection, and restores wait for the answer.
    if (this.#held === 'unlisted') void this.#lookNow(this.#nextLook());
    if (this.#held === 'gone') this.#returns();
    this.#note();
  }

  #returns(): void {
    this.#held = 'returning';
    this.#lookIn(returnMs);
  }

  #failed(error: unknown, during: 'list' | 'watch' | 'object'): void {
    const { log } = this.#options;
    const message = error instanceof Error ? error.message : String(error);
    if (during !== 'list') return log.debug({ err: error, kind: kindName(this.kind) }, `${during} failed`);
    const status = error instanceof KubeError ? error.status : 0;
    const fault = faultText(this.kind, status, message);
    if (fault !== this.#listFault) log.warn({ kind: kindName(this.kind) }, fault);
    this.#listFault = fault;
    if (status === 404 && canVanish(this.kind) && this.#held !== 'unlisted') this.#hold(fault);
    this.#note();
    if (isUnreadable(status)) this.#fresh?.settled.resolve();
  }

  #note(): void {
    const problem = this.#listFault ?? this.#why;
    const isKnown = this.view.items !== undefined;
    this.view.note(problem === undefined || !isKnown ? problem : `${problem}; what was last known stays in force`);
  }

  #settle(): void {
    const isJudged = this.#held !== 'unlisted' && this.#held !== 'shrinking';
    if (this.#fresh?.isListed === true && isJudged) this.#fresh.settled.resolve();
  }

  /** Looks at the kind itself after so long; a look under way counts no more. */
  #lookIn(ms: number): void {
    const look = this.#nextLook();
    this.#cancelLook = this.#options.clock.after(ms, () => void this.#lookNow(look));
  }

  #nextLook(): number {
    this.#cancelLook?.();
    this.#isSecondLook = false;
    return ++this.#look;
  }

  async #lookNow(look: number): Promise<void> {
    this.#cancelLook = undefined;
    if (!canVanish(this.kind)) return this.#adopt('');
    const presence = await observePresence(this.#options.client, this.kind);
    if (look === this.#look) this.#judge(presence);
  }

  #judge(presence: Presence): void {
    switch (presence.state) {
      case 'leaving':
        return this.#keep(presence.why);
      case 'unknown':
        this.#why = `${kindName(this.kind)} is not read at present: ${presence.why}`;
        this.#note();
        return this.#lookIn(retryMs);
      case 'served':
        return this.#judgeServed(presence.identity, presence.isCertain);
    }
  }

  #judgeServed(identity: string, isCertain: boolean): void {
    if (this.#isAnew(identity)) {
      if (this.#held === 'shrinking') return this.#returns();
      if (this.store.size === 0) return this.#keep('it was made anew, and nobody has filled it yet');
    }
    if (isCertain || this.#isSecondLook) return this.#adopt(identity);
    this.#lookIn(secondLookMs);
    this.#isSecondLook = true;
  }

  /** Whether the kind that is served is not the one whose objects are shown. Where that cannot be told, one that was gone is another. */
  #isAnew(identity: string): boolean {
    if (this.view.items === undefined) return false;
    if (identity === '' || this.#identity === '') return this.#held === 'gone' || this.#held === 'returning';
    return identity !== this.#identity;
  }

  #keep(why: string): void {
    const problem = `${kindName(this.kind)}: ${why}`;
    if (problem !== this.#why) this.#options.log.warn({ kind: kindName(this.kind) }, problem);
    this.#hold(problem);
    this.#note();
    this.#lookIn(lookAgainMs);
  }

  /** What is shown stays, until a look or a list says more. */
  #hold(problem: string): void {
    this.#held = 'gone';
    this.#why = problem;
    this.#nextLook();
    this.#settle();
  }

  #adopt(identity: string): void {
    this.#held = undefined;
    this.#isSecondLook = false;
    this.#why = undefined;
    if (identity !== '') this.#identity = identity;
    this.view.adopt(this.store.values());
    this.#note();
    this.#settle();
  }
}

/** Absent, forbidden, or nothing that can be listed: asking again at once would not help. */
function isUnreadable(status: number): boolean {
  return status === 403 || status === 404 || status === 405;
}

function faultText(kind: ResourceKind, status: number, message: string): string {
  const name = kindName(kind);
  const where = kind.namespace === undefined ? '' : ` in namespace ${kind.namespace}`;
  if (status === 404) return `${name} (${kind.version}) is not known to the API server`;
  if (status === 403)
    return `${name} may not be listed${where}: give fairlead’s ServiceAccount the rights get, list and watch`;
  return `${name} cannot be listed${where}: ${message}`;
}
