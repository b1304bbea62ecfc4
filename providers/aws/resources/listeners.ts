import type { Action, Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Aws, AwsCall } from '../client/aws.ts';
import { isNotFound } from '../client/classify-error.ts';
import type { AwsProtocol } from '../model/desired.ts';
import type { ObservedListener, Tags } from '../model/observed.ts';

export type Forward = ObservedListener['forwards'][number];

/** What a listener is to be; its certificates beside the first one are set by `addCertificates`. */
export interface WantedListener {
  readonly port: number;
  readonly protocol: AwsProtocol;
  readonly certificate?: string | undefined;
  readonly sslPolicy?: string | undefined;
  readonly alpnPolicy?: string | undefined;
  readonly forwards: readonly Forward[];
}

/** Of a balancer that is gone it fails with `isNotFound`. */
export async function observeListeners(
  aws: Aws,
  loadBalancerArn: string,
  call: AwsCall,
): Promise<readonly ObservedListener[]> {
  const found: Listener[] = [];
  for (let marker: string | undefined; ; ) {
    const page = await aws.send(
      'DescribeListeners',
      { LoadBalancerArn: loadBalancerArn, PageSize: 400, Marker: marker },
      call,
    );
    found.push(...(page.Listeners ?? []));
    marker = page.NextMarker;
    if (marker === undefined || marker === '') break;
  }
  return found.map(toObserved);
}

export async function createListener(
  aws: Aws,
  loadBalancerArn: string,
  wanted: WantedListener,
  tags: Tags,
  call: AwsCall,
): Promise<ObservedListener> {
  const { Listeners = [] } = await aws.send(
    'CreateListener',
    {
      LoadBalancerArn: loadBalancerArn,
      Port: wanted.port,
      Protocol: wanted.protocol,
      ...tlsOf(wanted),
      DefaultActions: [toAction(wanted.forwards)],
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    },
    call,
  );
  const [made] = Listeners;
  if (made === undefined) throw new Error(`AWS has answered the create of listener ${wanted.port} without it`);
  return toObserved(made);
}

/**
 * Only what differs is sent, and the protocol only when it changes: moto refuses most protocols here (`isUnsupportedProtocol`: to be deleted
 * and made anew), and takes a certificate only together with one.
 */
export async function modifyListener(
  aws: Aws,
  observed: ObservedListener,
  wanted: WantedListener,
  call: AwsCall,
): Promise<void> {
  const changed = wanted.protocol !== observed.protocol;
  const tls = tlsOf(wanted);
  await aws.send(
    'ModifyListener',
    {
      ListenerArn: observed.arn,
      ...(wanted.port !== observed.port && { Port: wanted.port }),
      ...(changed && { Protocol: wanted.protocol }),
      ...((changed || !sameTls(wanted, observed)) && tls),
      ...(!sameForwards(wanted.forwards, observed.forwards) && { DefaultActions: [toAction(wanted.forwards)] }),
    },
    call,
  );
}

/** Absent is success. */
export async function deleteListener(aws: Aws, arn: string, call: AwsCall): Promise<void> {
  try {
    await aws.send('DeleteListener', { ListenerArn: arn }, call);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Beside the default one. */
export async function observeCertificates(aws: Aws, listenerArn: string, call: AwsCall): Promise<readonly string[]> {
  const { Certificates = [] } = await aws.send(
    'DescribeListenerCertificates',
    { ListenerArn: listenerArn, PageSize: 400 },
    call,
  );
  return Certificates.flatMap(({ CertificateArn, IsDefault }) =>
    CertificateArn === undefined || IsDefault === true ? [] : CertificateArn,
  );
}

export async function addCertificates(
  aws: Aws,
  listenerArn: string,
  certificates: readonly string[],
  call: AwsCall,
): Promise<void> {
  await aws.send(
    'AddListenerCertificates',
    { ListenerArn: listenerArn, Certificates: toCertificates(certificates) },
    call,
  );
}

export async function removeCertificates(
  aws: Aws,
  listenerArn: string,
  certificates: readonly string[],
  call: AwsCall,
): Promise<void> {
  await aws.send(
    'RemoveListenerCertificates',
    { ListenerArn: listenerArn, Certificates: toCertificates(certificates) },
    call,
  );
}

/** Whether what AWS has is what is wanted; what belongs to TLS is compared with TLS only, since moto shows a policy on every listener. Pure. */
export function sameListener(wanted: WantedListener, observed: ObservedListener): boolean {
  return (
    wanted.port === observed.port &&
    wanted.protocol === observed.protocol &&
    sameTls(wanted, observed) &&
    sameForwards(wanted.forwards, observed.forwards)
  );
}

function sameTls(wanted: WantedListener, observed: ObservedListener): boolean {
  if (wanted.protocol !== 'TLS') return true;
  return (
    wanted.certificate === observed.certificate &&
    (wanted.sslPolicy === undefined || wanted.sslPolicy === observed.sslPolicy) &&
    (wanted.alpnPolicy ?? 'None') === (observed.alpnPolicy ?? 'None')
  );
}

/** Weights count only among several. */
function sameForwards(wanted: readonly Forward[], observed: readonly Forward[]): boolean {
  const key = (all: readonly Forward[]): string =>
    all
      .map(({ targetGroupArn, weight }) => `${targetGroupArn} ${all.length > 1 ? weight : ''}`)
      .toSorted()
      .join();
  return key(wanted) === key(observed);
}

function tlsOf({ protocol, certificate, sslPolicy, alpnPolicy }: WantedListener) {
  if (protocol !== 'TLS') return {};
  return {
    Certificates: certificate === undefined ? undefined : [{ CertificateArn: certificate }],
    SslPolicy: sslPolicy,
    AlpnPolicy: [alpnPolicy ?? 'None'],
  };
}

function toAction(forwards: readonly Forward[]): Action {
  const [only] = forwards;
  if (only !== undefined && forwards.length === 1) return { Type: 'forward', TargetGroupArn: only.targetGroupArn };
  const groups = forwards.map(({ targetGroupArn, weight }) => ({ TargetGroupArn: targetGroupArn, Weight: weight }));
  return { Type: 'forward', ForwardConfig: { TargetGroups: groups } };
}

function toCertificates(arns: readonly string[]): { CertificateArn: string }[] {
  return arns.map(CertificateArn => ({ CertificateArn }));
}

function toObserved(one: Listener): ObservedListener {
  const tls = one.Protocol === 'TLS';
  const [certificate] = one.Certificates ?? [];
  const [alpnPolicy] = one.AlpnPolicy ?? [];
  return {
    arn: one.ListenerArn ?? '',
    port: one.Port ?? 0,
    protocol: (one.Protocol ?? '') as AwsProtocol,
    ...(tls && certificate?.CertificateArn !== undefined && { certificate: certificate.CertificateArn }),
    ...(tls && one.SslPolicy !== undefined && { sslPolicy: one.SslPolicy }),
    ...(tls && alpnPolicy !== undefined && { alpnPolicy }),
    forwards: (one.DefaultActions ?? []).flatMap(toForwards),
  };
}

/** AWS answers both ways at once, and only in the longer one are the weights. */
function toForwards({ TargetGroupArn, ForwardConfig }: Action): readonly Forward[] {
  const groups = ForwardConfig?.TargetGroups ?? [];
  if (groups.length === 0) return TargetGroupArn === undefined ? [] : [{ targetGroupArn: TargetGroupArn, weight: 1 }];
  return groups.map(group => ({ targetGroupArn: group.TargetGroupArn ?? '', weight: group.Weight ?? 1 }));
}
