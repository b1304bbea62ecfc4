import { type ConditionReason, conditionTypes } from './words.ts';

/** How a Service stands, as its conditions tell it. */
export type Report =
  | { readonly state: 'serving'; readonly addresses: string; readonly portErrors: boolean; readonly degraded?: Why }
  | ({ readonly state: 'provisioning' } & Why)
  | ({ readonly state: 'failing' } & Why)
  | ({ readonly state: 'refused' } & Why)
  | ({ readonly state: 'node-port-only' } & Why)
  | ({ readonly state: 'delete-failing' } & Why)
  | ({ readonly state: 'abandoned' } & Why);

export interface Why {
  readonly reason: ConditionReason;
  readonly message: string;
}

/** One condition to stand on the Service, or `undefined` for "must not stand there". */
export type WantedConditions = Readonly<Record<string, WantedCondition | undefined>>;

export interface WantedCondition extends Why {
  readonly status: 'True' | 'False';
  /** Only where the condition stands already: what has never been True needs no False, and every condition costs the API server time. */
  readonly ifPresent?: true;
}

/** In UTF-16 units. The API server takes 32 KiB; people read less. */
const longestMessage = 1_000;

/**
 * The conditions for a report; types that it does not name stay as they are. `marked`: a finalizer or an owner's condition says that the
 * Service is ours; where none does, a condition of its own says whose these are. Pure. "pub": an address is published.
 *
 * | report         | pub | Serving          | Provisioning     | Degraded         | PortsError  |
 * |----------------|-----|------------------|------------------|------------------|-------------|
 * | serving        | yes | True Serving     | False Complete if it stood | as given, or gone | as given |
 * | provisioning   | no  | False            | True             | gone             | gone        |
 * | provisioning   | yes |                  | True             |                  |             |
 * | failing        | no  | False            | True             | gone             | gone        |
 * | failing        | yes |                  | True             | True             |             |
 * | refused        | no  | False            | False            | gone             | gone        |
 * | refused        | yes |                  | False            | True             |             |
 * | node-port-only |     | False            | gone             | gone             | gone        |
 * | delete-failing |     |                  |                  | True             |             |
 * | abandoned      |     | False            | gone             | gone             | gone        |
 */
export function conditionsFor(report: Report, published: boolean, marked: boolean): WantedConditions {
  const reported = { status: 'True', reason: 'Reported', message: '' } as const;
  return { ...stateConditions(report, published), [conditionTypes.reported.type]: marked ? undefined : reported };
}

function stateConditions(report: Report, published: boolean): WantedConditions {
  const { serving, provisioning, degraded, portsError } = conditionTypes;
  if (report.state === 'serving') {
    return {
      [serving.type]: { status: 'True', reason: 'Serving', message: report.addresses },
      [provisioning.type]: { status: 'False', reason: 'Complete', message: '', ifPresent: true },
      [degraded.type]: report.degraded && holds('True', report.degraded),
      [portsError.type]: report.portErrors
        ? { status: 'True', reason: 'Unsupported', message: 'see status.loadBalancer.ingress[].ports[].error' }
        : undefined,
    };
  }
  if (report.state === 'delete-failing') return { [degraded.type]: holds('True', report) };
  if (report.state === 'node-port-only' || report.state === 'abandoned') {
    return {
      [serving.type]: holds('False', report),
      [provisioning.type]: undefined,
      [degraded.type]: undefined,
      [portsError.type]: undefined,
    };
  }
  const working = holds(report.state === 'refused' ? 'False' : 'True', report);
  if (!published) {
    return {
      [serving.type]: holds('False', report),
      [provisioning.type]: working,
      [degraded.type]: undefined,
      [portsError.type]: undefined,
    };
  }
  return report.state === 'provisioning'
    ? { [provisioning.type]: working }
    : { [provisioning.type]: working, [degraded.type]: holds('True', report) };
}

/** Well formed, or the API server would store another text than the one that is compared at the next sync, and each sync would write. */
function holds(status: 'True' | 'False', why: Why): WantedCondition {
  return { status, reason: why.reason, message: why.message.slice(0, longestMessage).toWellFormed() };
}
