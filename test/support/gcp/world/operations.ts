import { nameOf, scopeOf, urlOf } from '../schema/paths.ts';
import { type ApiError, notFound, operationError } from './api-error.ts';
import type { GceOptions } from './options.ts';
import type { Fields } from './store.ts';

type Status = 'PENDING' | 'RUNNING' | 'DONE';

interface Operation {
  readonly path: string;
  readonly fields: Fields;
  status: Status;
  failure: ApiError | undefined;
  readonly ended: PromiseWithResolvers<void>;
  readonly apply: () => void;
  readonly undo: () => void;
}

export interface NewOperation {
  /** `insert`, `compute.instanceGroups.addInstances`, … */
  readonly type: string;
  readonly target: string;
  readonly targetId: unknown;
  /** It is to end with this error, and with nothing changed. */
  readonly failure: ApiError | undefined;
  /** At its end: what the request asked for. */
  readonly apply: () => void;
  /** At its end, when it has failed. */
  readonly undo: () => void;
}

/** Whatever changes something is an operation: PENDING, RUNNING, DONE. */
export class Operations {
  readonly #all = new Map<string, Operation>();
  readonly #options: () => GceOptions;
  readonly #nextId: () => string;
  #held: Promise<void> | undefined;

  constructor(options: () => GceOptions, nextId: () => string) {
    this.#options = options;
    this.#nextId = nextId;
  }

  get running(): number {
    return [...this.#all.values()].filter(({ status }) => status !== 'DONE').length;
  }

  /** What begins from now on does not end before the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return () => {
      this.#held = undefined;
      resolve();
    };
  }

  start({ type, target, targetId, failure, apply, undo }: NewOperation): Fields {
    const { clock, operationMs = 0 } = this.#options();
    const id = this.#nextId();
    const path = `${scopeOf(target)}/operations/operation-${id}`;
    const now = new Date(clock.now()).toISOString();
    const fields = {
      id,
      name: nameOf(path),
      operationType: type,
      targetLink: urlOf(target),
      targetId,
      user: 'fairlead',
      insertTime: now,
    };
    const operation: Operation = {
      path,
      fields,
      status: 'PENDING',
      failure,
      ended: Promise.withResolvers(),
      apply,
      undo,
    };
    this.#all.set(path, operation);
    const held = this.#held;
    clock.after(Math.floor(operationMs / 2), () => {
      // Of two timers the earlier one may fire later.
      if (operation.status === 'PENDING') operation.status = 'RUNNING';
    });
    clock.after(operationMs, () => {
      if (held === undefined) this.#end(operation);
      else void held.then(() => this.#end(operation));
    });
    return this.#view(operation);
  }

  get(path: string): Fields {
    return this.#view(this.#find(path));
  }

  /** Answers when it is DONE, or when patience ends: whoever asks has to look. */
  async wait(path: string): Promise<Fields> {
    const operation = this.#find(path);
    const { clock, waitMs = 120_000 } = this.#options();
    await new Promise<void>(resolve => {
      const cancel = clock.after(waitMs, resolve);
      void operation.ended.promise.then(() => {
        cancel();
        resolve();
      });
    });
    return this.#view(operation);
  }

  #end(operation: Operation): void {
    if (operation.failure === undefined) operation.apply();
    else operation.undo();
    operation.status = 'DONE';
    operation.ended.resolve();
  }

  #find(path: string): Operation {
    const found = this.#all.get(path);
    if (found === undefined) throw notFound(path);
    return found;
  }

  #view({ path, fields, status, failure }: Operation): Fields {
    const scope = path.split('/')[2] ?? '';
    const where = scope === 'global' ? {} : { [scope.replace(/s$/, '')]: urlOf(path.split('/').slice(0, 4).join('/')) };
    const progress = { PENDING: 0, RUNNING: 50, DONE: 100 }[status];
    const ended = status === 'DONE' && failure !== undefined ? operationError(failure.refusal) : {};
    return { kind: 'compute#operation', ...fields, ...where, selfLink: urlOf(path), status, progress, ...ended };
  }
}
