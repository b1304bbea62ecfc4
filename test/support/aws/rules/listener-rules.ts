import {
  AddListenerCertificatesCommand,
  DeleteListenerCommand,
  DescribeListenerAttributesCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerCommand,
  type ModifyListenerCommandInput,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { recordOf } from '../observed/observed-world.ts';
import { outcomeOf, type Rule } from './rule.ts';
import { forwardTo, type Stage } from './stage.ts';

export const listenerRules: readonly Rule[] = [
  {
    rule: 'a listener made again with the same settings is the same',
    try: async stage => {
      const [balancer, DefaultActions] = [await stage.balancer(), forwardTo(await stage.group())];
      const first = await stage.listener(balancer, { DefaultActions });
      return (await stage.listener(balancer, { DefaultActions })) === first;
    },
    aws: true,
    moto: false,
  },
  {
    rule: 'a port has one listener, whatever the protocol',
    try: async stage => {
      const balancer = await stage.balancer();
      await stage.listener(balancer);
      const byUdp = { Protocol: 'UDP' as const, DefaultActions: forwardTo(await stage.group({ Protocol: 'UDP' })) };
      return [await outcomeOf(stage.listener(balancer)), await outcomeOf(stage.listener(balancer, byUdp))];
    },
    aws: ['DuplicateListener', 'DuplicateListener'],
    moto: ['ok', 'ok'],
  },
  {
    rule: 'protocols of listener and target group must fit',
    try: async stage => {
      const arn = await stage.addCertificate('fit.example');
      const outcome = async (Protocol: 'TCP' | 'UDP' | 'TCP_UDP' | 'TLS', groupProtocol: 'TCP' | 'UDP' | 'TCP_UDP') =>
        outcomeOf(
          stage.listener(await stage.balancer(), {
            Protocol,
            DefaultActions: forwardTo(await stage.group({ Protocol: groupProtocol })),
            Certificates: Protocol === 'TLS' ? [{ CertificateArn: arn }] : undefined,
          }),
        );
      return [
        await outcome('TCP', 'TCP'),
        await outcome('UDP', 'TCP_UDP'),
        await outcome('TLS', 'TCP'),
        await outcome('TCP', 'UDP'),
        await outcome('TCP_UDP', 'TCP'),
        await outcome('TLS', 'UDP'),
      ];
    },
    aws: ['ok', 'ok', 'ok', ...Array.from({ length: 3 }, () => 'IncompatibleProtocols')],
    moto: ['ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'TLS needs one certificate, which must be there',
    try: async stage => {
      const [one, other] = [await stage.addCertificate('a.example'), await stage.addCertificate('b.example')];
      const missing = one.replace(/\/.*/, '/00000000-0000-0000-0000-000000000000');
      const outcomes: string[] = [];
      for (const arns of [[one], [], [missing], [one, other]])
        outcomes.push(
          await outcomeOf(tlsListener(stage, { Certificates: arns.map(arn => ({ CertificateArn: arn })) })),
        );
      return outcomes;
    },
    aws: ['ok', 'ValidationError', 'CertificateNotFound', 'TooManyCertificates'],
    moto: ['ok', 'ok', 'CertificateNotFound', 'ok'],
  },
  {
    rule: 'SSL and ALPN policies must be known',
    try: async stage => {
      const Certificates = [{ CertificateArn: await stage.addCertificate('policy.example') }];
      return [
        await outcomeOf(tlsListener(stage, { Certificates, SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' })),
        await outcomeOf(tlsListener(stage, { Certificates, AlpnPolicy: ['HTTP2Preferred'] })),
        await outcomeOf(tlsListener(stage, { Certificates, SslPolicy: 'bogus' })),
        await outcomeOf(tlsListener(stage, { Certificates, AlpnPolicy: ['bogus'] })),
      ];
    },
    aws: ['ok', 'ok', 'SSLPolicyNotFound', 'ALPNPolicyNotFound'],
    moto: ['ok', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'without TLS there is no policy and no certificate',
    try: async stage => {
      const balancer = await stage.balancer();
      const listener = await shown(stage, await stage.listener(balancer));
      const Certificates = [{ CertificateArn: await stage.addCertificate('plain.example') }];
      return [listener?.SslPolicy, await outcomeOf(stage.listener(balancer, { Port: 81, Certificates }))];
    },
    aws: [undefined, 'InvalidConfigurationRequest'],
    moto: ['ELBSecurityPolicy-2016-08', 'ok'],
  },
  {
    rule: 'a target group serves one load balancer',
    try: async stage => {
      const DefaultActions = forwardTo(await stage.group());
      await stage.listener(await stage.balancer(), { DefaultActions });
      return outcomeOf(stage.listener(await stage.balancer(), { DefaultActions }));
    },
    aws: 'TargetGroupAssociationLimit',
    moto: 'ok',
  },
  {
    rule: 'target groups can share a listener by weight',
    try: async stage => {
      const TargetGroups = [await stage.group(), await stage.group()].map((TargetGroupArn, n) => ({
        TargetGroupArn,
        Weight: n,
      }));
      const DefaultActions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }];
      const listener = await shown(stage, await stage.listener(await stage.balancer(), { DefaultActions }));
      return listener?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups?.map(({ Weight }) => Weight);
    },
    aws: [0, 1],
  },
  {
    rule: 'the load balancer and the target group must be there',
    try: async stage => {
      const balancer = await stage.balancer();
      const group = await stage.group();
      const [noBalancer, noGroup] = [balancer, group].map(arn => arn.replace(/\w{16}$/, '0000000000000000'));
      return [
        await outcomeOf(stage.listener(noBalancer ?? '', { DefaultActions: forwardTo(group) })),
        await outcomeOf(stage.listener(balancer, { DefaultActions: forwardTo(noGroup ?? '') })),
      ];
    },
    aws: ['LoadBalancerNotFound', 'TargetGroupNotFound'],
  },
  {
    rule: 'the protocol can change, with the target group',
    try: async stage => {
      const ListenerArn = await stage.listener(await stage.balancer());
      const byUdp = forwardTo(await stage.group({ Protocol: 'UDP' }));
      return [
        await modify(stage, { ListenerArn, Protocol: 'UDP' }),
        await modify(stage, { ListenerArn, Protocol: 'UDP', DefaultActions: byUdp }),
      ];
    },
    aws: ['IncompatibleProtocols', 'ok'],
    moto: ['UnsupportedProtocol', 'UnsupportedProtocol'],
  },
  {
    rule: 'TLS can come, with a certificate, and go, and leaves nothing',
    try: async stage => {
      const ListenerArn = await stage.listener(await stage.balancer());
      const Certificates = [{ CertificateArn: await stage.addCertificate('come.example') }];
      const outcomes = [
        await modify(stage, { ListenerArn, Protocol: 'TLS' }),
        await modify(stage, { ListenerArn, Protocol: 'TLS', Certificates }),
        await modify(stage, { ListenerArn, Protocol: 'TCP' }),
      ];
      const listener = await shown(stage, ListenerArn);
      return [...outcomes, listener?.Protocol, listener?.Certificates, listener?.SslPolicy];
    },
    aws: ['ValidationError', 'ok', 'ok', 'TCP', undefined, undefined],
    moto: ['UnsupportedProtocol', 'UnsupportedProtocol', 'ok', 'TCP', undefined, 'ELBSecurityPolicy-2016-08'],
  },
  {
    rule: 'the certificate can change',
    try: async stage => {
      const [one, other] = [await stage.addCertificate('one.example'), await stage.addCertificate('other.example')];
      const ListenerArn = await tlsListener(stage, { Certificates: [{ CertificateArn: one }] });
      await modify(stage, { ListenerArn, Certificates: [{ CertificateArn: other }] });
      return (await shown(stage, ListenerArn))?.Certificates?.[0]?.CertificateArn === other;
    },
    aws: true,
    moto: false,
  },
  {
    rule: 'a listener that moves to another target group leaves the first',
    try: async stage => {
      const [first, second] = [await stage.group(), await stage.group()];
      const ListenerArn = await stage.listener(await stage.balancer(), { DefaultActions: forwardTo(first) });
      await modify(stage, { ListenerArn, DefaultActions: forwardTo(second) });
      const used: boolean[] = [];
      for (const arn of [first, second]) {
        const input = { TargetGroupArns: [arn] };
        const { TargetGroups } = await stage.clients.elb.send(new DescribeTargetGroupsCommand(input));
        used.push((TargetGroups?.[0]?.LoadBalancerArns ?? []).length > 0);
      }
      return used;
    },
    aws: [false, true],
    moto: [true, false],
  },
  {
    rule: 'certificates beside the default one come and go; the default one stays',
    try: async stage => {
      const [one, other] = [await stage.addCertificate('dflt.example'), await stage.addCertificate('more.example')];
      const ListenerArn = await tlsListener(stage, { Certificates: [{ CertificateArn: one }] });
      const more = { ListenerArn, Certificates: [{ CertificateArn: other }] };
      await stage.clients.elb.send(new AddListenerCertificatesCommand(more));
      const added = await certificatesOf(stage, ListenerArn);
      const dflt = { ListenerArn, Certificates: [{ CertificateArn: one }] };
      const refused = await outcomeOf(stage.clients.elb.send(new RemoveListenerCertificatesCommand(dflt)));
      await stage.clients.elb.send(new RemoveListenerCertificatesCommand(more));
      return [
        added.length,
        added.includes(other),
        refused,
        await certificatesOf(stage, ListenerArn).then(all => all.length),
      ];
    },
    aws: [2, true, 'OperationNotPermitted', 1],
    moto: [2, true, 'ok', 0],
  },
  {
    rule: 'an idle timeout is there with TCP, not with UDP',
    try: async stage => {
      const byUdp = { Protocol: 'UDP' as const, DefaultActions: forwardTo(await stage.group({ Protocol: 'UDP' })) };
      const arns = [await stage.listener(await stage.balancer()), await stage.listener(await stage.balancer(), byUdp)];
      const timeouts: (string | undefined)[] = [];
      for (const ListenerArn of arns) {
        const { Attributes } = await stage.clients.elb.send(new DescribeListenerAttributesCommand({ ListenerArn }));
        timeouts.push(recordOf(Attributes)['tcp.idle_timeout.seconds']);
      }
      return timeouts;
    },
    aws: ['350', undefined],
    moto: ['350', '350'],
  },
  {
    rule: 'a listener that is not there cannot be deleted',
    try: async stage => {
      const ListenerArn = await stage.listener(await stage.balancer());
      const remove = () => outcomeOf(stage.clients.elb.send(new DeleteListenerCommand({ ListenerArn })));
      return [await remove(), await remove()];
    },
    aws: ['ok', 'ListenerNotFound'],
  },
];

async function tlsListener(stage: Stage, changes: Parameters<Stage['listener']>[1]): Promise<string> {
  return stage.listener(await stage.balancer(), { Port: 443, Protocol: 'TLS', ...changes });
}

async function shown(stage: Stage, arn: string) {
  const { Listeners } = await stage.clients.elb.send(new DescribeListenersCommand({ ListenerArns: [arn] }));
  return Listeners?.[0];
}

function modify(stage: Stage, input: ModifyListenerCommandInput): Promise<string> {
  return outcomeOf(stage.clients.elb.send(new ModifyListenerCommand(input)));
}

async function certificatesOf(stage: Stage, ListenerArn: string): Promise<readonly (string | undefined)[]> {
  const { Certificates } = await stage.clients.elb.send(new DescribeListenerCertificatesCommand({ ListenerArn }));
  return (Certificates ?? []).map(({ CertificateArn }) => CertificateArn);
}
