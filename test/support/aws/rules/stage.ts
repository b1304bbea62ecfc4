import {
  AllocateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type CreateSecurityGroupCommandInput,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsWorld } from '../aws-world.ts';
import type { Fixture } from '../fixture.ts';
import type { RawClients } from '../raw-clients.ts';

/** Where rules are tried: all rows of a table share one fixture, so that each makes things under names of its own. */
export class Stage {
  readonly clients: RawClients;
  readonly fixture: Fixture;
  readonly addCertificate: (domain: string) => Promise<string>;
  #made = 0;

  constructor(world: Pick<AwsWorld, 'clients' | 'fixture' | 'addCertificate'>) {
    this.clients = world.clients;
    this.fixture = world.fixture;
    this.addCertificate = domain => world.addCertificate(domain);
  }

  newName(): string {
    return `thing-${++this.#made}`;
  }

  /** Internal, in two zones, without security groups, unless told otherwise. */
  async balancer(changes: Partial<CreateLoadBalancerCommandInput> = {}): Promise<string> {
    const made = await this.clients.elb.send(new CreateLoadBalancerCommand(this.balancerInput(changes)));
    return made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  }

  balancerInput(changes: Partial<CreateLoadBalancerCommandInput> = {}): CreateLoadBalancerCommandInput {
    const { a, b, c, d } = this.fixture.subnets;
    const Subnets = changes.SubnetMappings ? undefined : changes.Scheme === 'internet-facing' ? [a, b] : [c, d];
    return { Name: this.newName(), Type: 'network', Scheme: 'internal', Subnets, ...changes };
  }

  /** For instances by TCP, unless told otherwise. */
  async group(changes: Partial<CreateTargetGroupCommandInput> = {}): Promise<string> {
    const made = await this.clients.elb.send(new CreateTargetGroupCommand(this.groupInput(changes)));
    return made.TargetGroups?.[0]?.TargetGroupArn ?? '';
  }

  groupInput(changes: Partial<CreateTargetGroupCommandInput> = {}): CreateTargetGroupCommandInput {
    const { vpcId: VpcId } = this.fixture;
    return { Name: this.newName(), Protocol: 'TCP', Port: 30_080, VpcId, TargetType: 'instance', ...changes };
  }

  /** On port 80 by TCP, to a target group of its own, unless told otherwise. */
  async listener(balancerArn: string, changes: Partial<CreateListenerCommandInput> = {}): Promise<string> {
    const DefaultActions = changes.DefaultActions ?? forwardTo(await this.group());
    const made = await this.clients.elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancerArn,
        Port: 80,
        Protocol: 'TCP',
        DefaultActions,
        ...changes,
      }),
    );
    return made.Listeners?.[0]?.ListenerArn ?? '';
  }

  async securityGroup(changes: Partial<CreateSecurityGroupCommandInput> = {}): Promise<string> {
    const { vpcId: VpcId } = this.fixture;
    const made = await this.clients.ec2.send(
      new CreateSecurityGroupCommand({ GroupName: this.newName(), Description: 'test', VpcId, ...changes }),
    );
    return made.GroupId ?? '';
  }

  async authorize(GroupId: string, ...IpPermissions: IpPermission[]): Promise<void> {
    await this.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  }

  async address(): Promise<string> {
    const made = await this.clients.ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
    return made.AllocationId ?? '';
  }
}

export function forwardTo(TargetGroupArn: string): NonNullable<CreateListenerCommandInput['DefaultActions']> {
  return [{ Type: 'forward', TargetGroupArn }];
}
