import type { Backend, Needs } from '../../../src/provider/provider.ts';
import type { Settings, TargetKind } from '../annotations/settings.ts';
import type { AwsConfig } from '../config.ts';
import type { TargetType } from '../model/desired.ts';

export interface TargetKindInput {
  readonly settings: Pick<Settings, 'targetKind'>;
  readonly config: Pick<AwsConfig, 'defaultTargetType'>;
  readonly backends: readonly Pick<Backend, 'providerId'>[];
  /** What its target groups are now. */
  readonly present?: TargetType;
}

/**
 * What takes the traffic. Pure. What exists is not replaced by a guess, unless no node can be used by it.
 *
 * | annotation | config | nodes                        | present    | →          |
 * |------------|--------|------------------------------|------------|------------|
 * | given      | any    | any                          | any        | annotation |
 * | none       | given  | any                          | any        | config     |
 * | none       | none   | none                         | `ip`       | `node-ip`  |
 * | none       | none   | none                         | other      | `instance` |
 * | none       | none   | some                         | `ip`       | `node-ip`  |
 * | none       | none   | one has an EC2 id            | other      | `instance` |
 * | none       | none   | none has an EC2 id           | other      | `node-ip`  |
 */
export function chooseTargetKind({ settings, config, backends, present }: TargetKindInput): TargetKind {
  const asked = settings.targetKind ?? config.defaultTargetType;
  if (asked !== undefined) return asked;
  if (present === 'ip') return 'node-ip';
  return backends.length === 0 || backends.some(one => instanceIdOf(one.providerId) !== undefined)
    ? 'instance'
    : 'node-ip';
}

/** `aws:///us-west-2a/i-0abc` → `i-0abc`; undefined for nodes of other kinds, Fargate's too. Pure. */
export function instanceIdOf(providerId: string): string | undefined {
  return /^aws:\/\/(?:\/[a-z0-9-]{0,40}\/|\/)?(i-[0-9a-z]{1,40})$/.exec(providerId)?.[1];
}

/** Pods are reached without node ports, nodes without pods. Pure. */
export function needsOf(settings: Pick<Settings, 'targetKind'>, config: Pick<AwsConfig, 'defaultTargetType'>): Needs {
  const pods = (settings.targetKind ?? config.defaultTargetType) === 'ip';
  return { nodePorts: !pods, endpoints: pods };
}
