import { expect, test } from 'vitest';
import { isDuplicate, isNotFound, isUnsupportedProtocol } from '../../../../providers/aws/client/classify-error.ts';
import type { AwsProtocol } from '../../../../providers/aws/model/desired.ts';
import {
  addCertificates,
  createListener,
  deleteListener,
  modifyListener,
  observeCertificates,
  observeListeners,
  removeCertificates,
  sameListener,
  type WantedListener,
} from '../../../../providers/aws/resources/listeners.ts';
import { createTargetGroup } from '../../../../providers/aws/resources/target-groups.ts';
import { onEachWorld, type Stage } from './harness.ts';

async function forwardTo(stage: Stage, protocol: AwsProtocol = 'TCP', weight = 1) {
  const { arn } = await createTargetGroup(stage.aws, stage.targetGroup({ protocol }), {}, stage.call);
  return { targetGroupArn: arn, weight };
}

onEachWorld(stage => {
  test('a listener is made, found, changed to another port and two weighted groups, and deleted', async () => {
    const { aws, call } = stage;
    const { arn: lb } = await stage.loadBalancer();
    const wanted: WantedListener = { port: 80, protocol: 'TCP', forwards: [await forwardTo(stage)] };
    const made = await createListener(aws, lb, wanted, { role: 'listener' }, call);
    expect(made).toEqual({ arn: made.arn, port: 80, protocol: 'TCP', forwards: [{ ...wanted.forwards[0] }] });
    expect(sameListener(wanted, made)).toBe(true);
    const [old] = wanted.forwards;
    const moved = {
      ...wanted,
      port: 8080,
      forwards: [{ ...old, weight: 3 }, await forwardTo(stage, 'TCP', 7)],
    } as WantedListener;
    expect(sameListener(moved, made)).toBe(false);
    await modifyListener(aws, made, moved, call);
    const [seen] = await observeListeners(aws, lb, call);
    expect(seen && sameListener(moved, seen)).toBe(true);
    await deleteListener(aws, made.arn, call);
    await deleteListener(aws, made.arn, call);
    expect(await observeListeners(aws, lb, call)).toEqual([]);
  });

  test('a protocol changes in place, or is said to be unsupported so', async () => {
    const { aws, call } = stage;
    const { arn: lb } = await stage.loadBalancer();
    const tcp = { port: 53, protocol: 'TCP', forwards: [await forwardTo(stage)] } as const;
    const udp = { port: 53, protocol: 'UDP', forwards: [await forwardTo(stage, 'UDP')] } as const;
    const made = await createListener(aws, lb, tcp, {}, call);
    const error = await modifyListener(aws, made, udp, call).catch((thrown: unknown) => thrown);
    expect(isUnsupportedProtocol(error)).toBe(stage.isMoto);
    const [seen] = await observeListeners(aws, lb, call);
    expect(seen?.protocol).toBe(stage.isMoto ? 'TCP' : 'UDP');
  });

  test('a second listener on a port is a duplicate, where the world knows it', async () => {
    const { aws, call } = stage;
    const { arn: lb } = await stage.loadBalancer();
    await createListener(aws, lb, { port: 80, protocol: 'TCP', forwards: [await forwardTo(stage)] }, {}, call);
    const again = { port: 80, protocol: 'TCP', forwards: [await forwardTo(stage)] } as const;
    const error = await createListener(aws, lb, again, {}, call).catch((thrown: unknown) => thrown);
    expect(isDuplicate(error)).toBe(!stage.isMoto);
  });

  test('the listeners of a balancer that is gone are not found, rather than none', async () => {
    const { aws, call } = stage;
    const gone = 'arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/net/gone/0123456789abcdef';
    expect(isNotFound(await observeListeners(aws, gone, call).catch((thrown: unknown) => thrown))).toBe(true);
  });

  // moto takes no certificate in exchange for another.
  if (stage.isMoto) return;

  test('TLS has certificates, a policy and ALPN; certificates beside the first one come and go', async () => {
    const { aws, call, world } = stage;
    const { certificates } = world.fake?.account ?? { certificates: new Set() };
    const arn = (id: string) => `arn:aws:acm:us-west-2:123456789012:certificate/${id}`;
    for (const id of ['a', 'b', 'c']) certificates.add(arn(id));
    const { arn: lb } = await stage.loadBalancer();
    const wanted: WantedListener = {
      port: 443,
      protocol: 'TLS',
      certificate: arn('a'),
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      alpnPolicy: 'HTTP2Preferred',
      forwards: [await forwardTo(stage)],
    };
    const made = await createListener(aws, lb, wanted, {}, call);
    expect(sameListener(wanted, made)).toBe(true);
    const rotated = { ...wanted, certificate: arn('b'), alpnPolicy: undefined };
    expect(sameListener(rotated, made)).toBe(false);
    await modifyListener(aws, made, rotated, call);
    const [seen] = await observeListeners(aws, lb, call);
    expect(seen && sameListener(rotated, seen)).toBe(true);
    await addCertificates(aws, made.arn, [arn('a'), arn('c')], call);
    await removeCertificates(aws, made.arn, [arn('a')], call);
    expect(await observeCertificates(aws, made.arn, call)).toEqual([arn('c')]);
    const plain: WantedListener = { port: 443, protocol: 'TCP', forwards: wanted.forwards };
    await modifyListener(aws, seen ?? made, plain, call);
    expect(await observeListeners(aws, lb, call)).toMatchObject([{ protocol: 'TCP' }]);
  });
});
