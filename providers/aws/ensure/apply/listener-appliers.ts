import { isDuplicate, isUnsupportedProtocol } from '../../client/classify-error.ts';
import type { KnownListener } from '../../inventory/known-balancer.ts';
import type { DesiredListener } from '../../model/desired.ts';
import { partTags } from '../../model/tags.ts';
import {
  addCertificates,
  createListener,
  deleteListener,
  modifyListener,
  observeListeners,
  removeCertificates,
  type WantedListener,
} from '../../resources/listeners.ts';
import { wantedListener } from '../plan/plan-listeners.ts';
import { notShownYet } from './not-shown-yet.ts';
import type { Appliers, ApplyDeps, Work } from './work.ts';

export const listenerAppliers: Appliers<
  'create-listener' | 'modify-listener' | 'add-certificates' | 'remove-certificates' | 'delete-listener'
> = {
  'create-listener': create,
  'modify-listener': modify,
  async 'add-certificates'({ aws }, { record, call }, { observed: { arn }, certificates }) {
    await record.change(() => addCertificates(aws, arn, certificates, call));
    record.patchListener(arn, before => ({ certificates: [...(before.certificates ?? []), ...certificates] }));
  },
  async 'remove-certificates'({ aws }, { record, call }, { observed: { arn }, certificates }) {
    await record.change(() => removeCertificates(aws, arn, certificates, call));
    record.patchListener(arn, before => ({
      certificates: before.certificates?.filter(one => !certificates.includes(one)),
    }));
  },
  async 'delete-listener'({ aws }, { record, call }, { observed: { arn, port } }) {
    await record.change(() => deleteListener(aws, arn, call));
    record.switchedAt.delete(port);
    record.removeListener(arn);
  },
};

async function create(
  deps: ApplyDeps,
  work: Work,
  { listener }: { readonly listener: DesiredListener },
): Promise<void> {
  const { record, call } = work;
  const { arn } = record.targetGroup(listener.targetGroup);
  const wanted = wantedListener(listener, [{ targetGroupArn: arn, weight: 1 }]);
  try {
    await make(deps, work, wanted, listener.certificates.slice(1));
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    // Somebody has made it meanwhile, or our own answer was lost: it is made right in the next round.
    const found = await observeListeners(deps.aws, record.known.loadBalancer?.arn ?? '', call);
    if (!found.some(({ port }) => port === listener.port)) throw notShownYet(`listener ${listener.port}`, error);
    record.update({ listeners: undefined });
  }
}

async function make(
  { aws }: ApplyDeps,
  { desired, record, call }: Work,
  wanted: WantedListener,
  more: readonly string[],
): Promise<void> {
  const { loadBalancer } = record.known;
  if (loadBalancer === undefined) throw new Error('the load balancer is not there any more');
  const tags = partTags(desired, 'listener');
  const made = await record.change(() => createListener(aws, loadBalancer.arn, wanted, tags, call));
  record.setListener(known(made.arn, wanted, []));
  if (more.length === 0) return;
  await record.change(() => addCertificates(aws, made.arn, more, call));
  record.patchListener(made.arn, () => ({ certificates: more }));
}

/** In place where AWS can; where it cannot, the port is without a listener for the time between two requests. */
async function modify(
  deps: ApplyDeps,
  work: Work,
  { observed, wanted }: { readonly observed: KnownListener; readonly wanted: WantedListener },
): Promise<void> {
  const { record, call } = work;
  noteSwitch(deps, work, observed, wanted);
  try {
    await record.change(() => modifyListener(deps.aws, observed, wanted, call));
    record.setListener(known(observed.arn, wanted, observed.certificates));
  } catch (error) {
    if (!isUnsupportedProtocol(error)) throw error;
    await record.change(() => deleteListener(deps.aws, observed.arn, call));
    record.removeListener(observed.arn);
    await make(deps, work, wanted, []);
  }
}

/** From this moment on the former target groups get nothing new. */
function noteSwitch({ clock }: ApplyDeps, { record }: Work, observed: KnownListener, wanted: WantedListener): void {
  const weights = new Map(observed.forwards.map(({ targetGroupArn, weight }) => [targetGroupArn, weight]));
  const isSwitch = wanted.forwards.some(
    ({ targetGroupArn, weight }) => weight === 0 && weights.get(targetGroupArn) !== 0,
  );
  const isNew = wanted.forwards.some(({ targetGroupArn }) => !weights.has(targetGroupArn));
  if (wanted.forwards.length === 1) record.switchedAt.delete(wanted.port);
  else if (isSwitch && !isNew) record.switchedAt.set(wanted.port, clock.monotonic());
}

function known(arn: string, wanted: WantedListener, certificates: readonly string[] | undefined): KnownListener {
  const { port, protocol, certificate, sslPolicy, alpnPolicy, forwards } = wanted;
  return {
    arn,
    port,
    protocol,
    forwards,
    certificates,
    ...(certificate === undefined ? {} : { certificate }),
    ...(sslPolicy === undefined ? {} : { sslPolicy }),
    ...(alpnPolicy === undefined ? {} : { alpnPolicy }),
  };
}
