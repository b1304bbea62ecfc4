import type { ServiceIdentity } from '../../../src/provider/provider.ts';
import type {
  ObservedListener,
  ObservedLoadBalancer,
  ObservedSecurityGroup,
  ObservedTargetGroup,
  Tags,
} from '../model/observed.ts';
import type { KnownTargets } from '../targets/known-targets.ts';

export type Attributes = Readonly<Record<string, string>>;

/** What is known of one Service's balancer at AWS; what is `undefined` has not been read. */
export interface KnownBalancer {
  readonly loadBalancer: KnownLoadBalancer | undefined;
  /** Further ones under the same mark, which only a cloud that makes duplicates can have: they go with the balancer. */
  readonly duplicates: readonly KnownLoadBalancer[];
  /** Without further certificates of TLS, until `certificates` is there. */
  readonly listeners: readonly KnownListener[] | undefined;
  readonly targetGroups: readonly KnownTargetGroup[];
  /** The balancer's own. */
  readonly securityGroup: ObservedSecurityGroup | undefined;
}

export interface KnownLoadBalancer extends ObservedLoadBalancer {
  readonly tags: Tags;
  readonly attributes: Attributes | undefined;
}

export interface KnownTargetGroup extends ObservedTargetGroup {
  readonly tags: Tags;
  readonly attributes: Attributes | undefined;
  readonly targets: KnownTargets | undefined;
}

export interface KnownListener extends ObservedListener {
  /** Those beside the default one. */
  readonly certificates: readonly string[] | undefined;
}

export const nothingKnown: KnownBalancer = {
  loadBalancer: undefined,
  duplicates: [],
  listeners: [],
  targetGroups: [],
  securityGroup: undefined,
};

/** Whose a balancer is, as its marks tell it. */
export interface Owner {
  readonly id: string;
  readonly service: ServiceIdentity;
}

export function isNothing(known: KnownBalancer): boolean {
  return (
    known.loadBalancer === undefined &&
    known.duplicates.length === 0 &&
    known.targetGroups.length === 0 &&
    known.securityGroup === undefined
  );
}
