import { isDeepStrictEqual } from 'node:util';
import { type KubeClient, objectPath, patchType, statusOf } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import type { ResourceKind } from '../../provider/provider.ts';
import { type KindObject, kindKey, kindName, kindPath } from '../kinds/kind-object.ts';
import type { Kinds } from '../kinds/kinds.ts';
import type { Log } from '../log.ts';

export interface StatusWriterOptions {
  readonly kinds: Kinds;
  readonly clock: Clock;
  readonly log: Log;
}

interface Entry {
  readonly by: string;
  readonly kind: ResourceKind;
  readonly name: string;
  wanted: object;
  /** Monotonic, of the last attempt. */
  triedAt: number;
  isWriting: boolean;
  cancel: (() => void) | undefined;
  /** What was written last, and the version that it made: the API server may have left out what its schema does not know. */
  written?: { readonly status: object; readonly version: string };
}

/** What an instance says at one moment about many things is written once. */
const gatherMs = 200;
const pauseMs = 1_000;
const retryMs = 5_000;

/**
 * Writes the status of configuration objects behind everything else: of each the last one that was reported, at most once a second, only
 * where it differs, and only while its instance may write (from `open` on). A report that comes before waits; what is gone or forbidden
 * is dropped.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #open = new Map<string, KubeClient>();
  readonly #warned = new Set<string>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  report(by: string, kind: ResourceKind, name: string, status: object): void {
    const key = `${kindKey(kind)}/${name}`;
    const known = this.#entries.get(key);
    const entry: Entry = known ?? {
      by,
      kind,
      name,
      wanted: status,
      triedAt: Number.NEGATIVE_INFINITY,
      isWriting: false,
      cancel: undefined,
    };
    entry.wanted = status;
    this.#entries.set(key, entry);
    this.#schedule(key, entry, pauseMs);
  }

  /** An instance knows what it says: its reports are written through this client, which is fenced, until the signal aborts. */
  open(by: string, client: KubeClient, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#open.set(by, client);
    const close = (): void => {
      if (this.#open.get(by) === client) this.#open.delete(by);
    };
    signal.addEventListener('abort', close, { once: true });
    for (const [key, entry] of this.#entries) if (entry.by === by) this.#schedule(key, entry, pauseMs);
  }

  #schedule(key: string, entry: Entry, leastPauseMs: number): void {
    if (entry.isWriting || entry.cancel !== undefined || !this.#open.has(entry.by)) return;
    const { clock } = this.#options;
    const wait = Math.max(gatherMs, entry.triedAt + leastPauseMs - clock.monotonic());
    entry.cancel = clock.after(wait, () => void this.#write(key, entry));
  }

  async #write(key: string, entry: Entry): Promise<void> {
    entry.cancel = undefined;
    const { kinds, clock } = this.#options;
    const client = this.#open.get(entry.by);
    const object = kinds.find(entry.kind, entry.name);
    if (object === undefined) this.#entries.delete(key);
    if (client === undefined || object === undefined || !differs(entry, object)) return;
    const { wanted } = entry;
    entry.isWriting = true;
    entry.triedAt = clock.monotonic();
    let isAgain = false;
    try {
      const answer = await client.request<KindObject>(statusPatch(entry.kind, object, wanted));
      entry.written = { status: wanted, version: answer.metadata.resourceVersion };
      kinds.applied(entry.kind, answer);
    } catch (error) {
      isAgain = this.#open.get(entry.by) === client && this.#failed(key, entry, error);
    }
    entry.isWriting = false;
    if (isAgain) this.#schedule(key, entry, retryMs);
    else if (entry.wanted !== wanted) this.#schedule(key, entry, pauseMs);
  }

  /** Whether it is worth another try. */
  #failed(key: string, { kind, name }: Entry, error: unknown): boolean {
    const status = statusOf(error) ?? 0;
    if (status === 404) this.#entries.delete(key);
    if (status === 0 || status === 409 || status === 429 || status >= 500) return true;
    const told = `${kindName(kind)} ${status}`;
    if (status !== 404 && !this.#warned.has(told)) {
      this.#warned.add(told);
      this.#options.log.warn({ err: error, kind: kindName(kind), name }, 'a status cannot be written');
    }
    return false;
  }
}

function differs({ wanted, written }: Entry, object: KindObject): boolean {
  if (isDeepStrictEqual(object.status, wanted)) return false;
  return written?.version !== object.metadata.resourceVersion || !isDeepStrictEqual(written.status, wanted);
}

/** Replaces the whole status, of this very object and no later one of the same name. */
function statusPatch(kind: ResourceKind, { metadata }: KindObject, status: object) {
  return {
    method: 'PATCH',
    path: objectPath(kindPath(kind), metadata.name, 'status'),
    contentType: patchType.json,
    body: [
      { op: 'test', path: '/metadata/uid', value: metadata.uid },
      { op: 'add', path: '/status', value: status },
    ],
  } as const;
}
