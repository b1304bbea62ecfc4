import type { ResourceKind, ResourceView } from '../../provider/provider.ts';
import { type KindObject, kindKey, kindName } from './kind-object.ts';
import { KindView } from './kind-view.ts';
import { KindWatch, type KindWatchOptions } from './kind-watch.ts';

/** How the owner of a store that exists anyway tells of it. */
export interface KindFeed {
  changed(key: string, current: KindObject | undefined): void;
  /** The store holds a list taken at the newest version. */
  listed(objects: Iterable<KindObject>): void;
}

interface Named {
  readonly kind: ResourceKind;
  readonly view: KindView;
  readonly by: Set<string>;
  watch?: KindWatch;
}

/**
 * The kinds that provider instances have named in `context.resources`: one watch for each, whoever asks, from the first `refresh` on.
 * Reads only, so it serves without a leadership too.
 */
export class Kinds {
  readonly #options: KindWatchOptions;
  readonly #named = new Map<string, Named>();
  readonly #fed = new Set<string>();

  constructor(options: KindWatchOptions) {
    this.#options = options;
  }

  /** For `ProviderContext.resources`, of the instance named `by`. */
  view(by: string, kind: ResourceKind, changed: () => void): ResourceView {
    const { clock, log } = this.#options;
    const key = kindKey(kind);
    const named: Named = this.#named.get(key) ?? {
      kind,
      view: new KindView(clock, error => log.warn({ err: error, kind: kindName(kind) }, 'fault in a provider')),
      by: new Set(),
    };
    named.by.add(by);
    this.#named.set(key, named);
    named.view.onChange(changed);
    return named.view;
  }

  /** Instead of a second watch: whoever keeps such a store tells what it learns. To be called before the first `refresh`. */
  feed(kind: ResourceKind): KindFeed {
    const key = kindKey(kind);
    this.#fed.add(key);
    return {
      changed: (changedKey, current) => this.#named.get(key)?.view.take(changedKey, current),
      listed: objects => {
        const view = this.#named.get(key)?.view;
        view?.adopt(objects);
        view?.note(undefined);
      },
    };
  }

  /** Has every kind listed anew; `ready` waits for it. */
  refresh(signal: AbortSignal): void {
    for (const [key, named] of this.#named) {
      if (this.#fed.has(key)) continue;
      named.watch ??= new KindWatch(named.kind, named.view, this.#options);
      named.watch.refresh(signal);
    }
  }

  /**
   * Resolves when all kinds of an instance hold the list that was asked for or are known not to be readable, and the instance has been
   * told of it; or when the signal aborts.
   */
  async ready(by: string, signal: AbortSignal): Promise<void> {
    const named = [...this.#named.values()].filter(one => one.by.has(by));
    const aborted = Promise.withResolvers<void>();
    const onAbort = (): void => aborted.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    if (!signal.aborted) {
      const watches = named.flatMap(one => one.watch ?? []);
      await Promise.race([Promise.all(watches.map(watch => watch.ready())), aborted.promise]);
    }
    signal.removeEventListener('abort', onAbort);
    for (const { view } of named) view.flush();
  }

  /** As last read or written, whatever the view shows; undefined where there is none, or the kind is not watched here. */
  find(kind: ResourceKind, name: string): KindObject | undefined {
    const key = kind.namespace === undefined ? name : `${kind.namespace}/${name}`;
    return this.#named.get(kindKey(kind))?.watch?.store.get(key);
  }

  /** The answer to a write of ours. */
  applied(kind: ResourceKind, object: KindObject): void {
    this.#named.get(kindKey(kind))?.watch?.applied(object);
  }

  close(): void {
    for (const { watch } of this.#named.values()) watch?.close();
  }
}
