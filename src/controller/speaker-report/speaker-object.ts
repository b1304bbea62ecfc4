import { isDeepStrictEqual } from 'node:util';
import { type KubeClient, objectPath, patchType, statusOf } from '../../kube/client.ts';
import type { OwnerReference } from '../../kube/lease-client.ts';
import { type KindObject, kindPath } from '../kinds/kind-object.ts';
import type { Kinds } from '../kinds/kinds.ts';
import type { Log } from '../log.ts';
import { speakersKind } from '../speaker-view/speaker-record.ts';
import type { WriteSource } from './paced-writes.ts';
import type { SpeakerStatus } from './speaker-status.ts';

export interface SpeakerObjectOptions {
  readonly client: KubeClient;
  readonly kinds: Kinds;
  readonly log: Log;
  readonly node: string;
  /** Asked when the object has to be made: it goes with the Node. */
  readonly owner: () => OwnerReference | undefined;
  readonly status: () => SpeakerStatus;
  /** Why the kind cannot be read, if it cannot: nothing is tried then. */
  readonly problem: () => string | undefined;
  /** The status has been written. */
  readonly written: () => void;
}

/**
 * The Speaker object of this node, whose status is the durable record of what it announces: made where it is absent, written where it says
 * something else than it should, whoever has changed it.
 */
export class SpeakerObject implements WriteSource {
  readonly #options: SpeakerObjectOptions;
  /** What was written last, and what the API server made of it: it leaves out what its schema does not know. */
  #written: { readonly wanted: SpeakerStatus; readonly stored: unknown } | undefined;
  /** Made here, and not seen in the watch yet. */
  #made: KindObject | undefined;
  #isDirty = true;
  #complaint: string | undefined;

  constructor(options: SpeakerObjectOptions) {
    this.#options = options;
  }

  /** The report, or the object, may be another now. */
  touch(): void {
    this.#isDirty = true;
  }

  hasWork(): boolean {
    if (!this.#isDirty || this.#options.problem() !== undefined) return false;
    this.#isDirty = false;
    const { status, kinds, node } = this.#options;
    const object = kinds.find(speakersKind, node);
    const isRight =
      this.#written !== undefined &&
      object !== undefined &&
      isDeepStrictEqual(this.#written.stored, object.status) &&
      isDeepStrictEqual(this.#written.wanted, status());
    this.#isDirty = !isRight;
    return !isRight;
  }

  /** Makes the object, which happens once in the life of a node, or writes its status. */
  async write(): Promise<void> {
    const { kinds, node, log } = this.#options;
    const object = kinds.find(speakersKind, node) ?? this.#made;
    try {
      if (object === undefined) this.#made = await this.#create();
      else await this.#writeStatus(object);
      this.#complaint = undefined;
    } catch (error) {
      this.#isDirty = true;
      this.#made = undefined;
      const complaint = `Speaker ${node} is not written: ${error instanceof Error ? error.message : String(error)}`;
      if (complaint !== this.#complaint) log.warn({}, complaint);
      this.#complaint = complaint;
    }
  }

  async #writeStatus(object: KindObject): Promise<void> {
    const { client, kinds, status } = this.#options;
    const wanted = status();
    this.#isDirty = false;
    const answer = await client.request<KindObject>(this.#patch(object, wanted));
    kinds.applied(speakersKind, answer);
    this.#written = { wanted, stored: answer.status };
    this.#options.written();
  }

  async #create(): Promise<KindObject> {
    const { client, node, owner } = this.#options;
    const { group, version } = speakersKind;
    const reference = owner();
    const metadata = { name: node, ...(reference && { ownerReferences: [reference] }) };
    const body = { apiVersion: `${group}/${version}`, kind: 'Speaker', metadata, spec: {} };
    const path = kindPath(speakersKind);
    try {
      return await client.request<KindObject>({ method: 'POST', path, body });
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      return client.request<KindObject>({ method: 'GET', path: objectPath(path, node) });
    }
  }

  /** Replaces the whole status, of this very object and no later one of the same name. */
  #patch({ metadata }: KindObject, status: SpeakerStatus) {
    return {
      method: 'PATCH',
      path: objectPath(kindPath(speakersKind), this.#options.node, 'status'),
      contentType: patchType.json,
      body: [
        { op: 'test', path: '/metadata/uid', value: metadata.uid },
        { op: 'add', path: '/status', value: status },
      ],
    } as const;
  }
}
