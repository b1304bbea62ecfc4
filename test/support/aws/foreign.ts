import { CreateSecurityGroupCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ownershipTags } from '../../../providers/aws/model/tags.ts';
import type { Fixture } from './fixture.ts';
import type { RawClients } from './raw-clients.ts';

/** Two balancers with all their parts that are not the provider's: one made by hand, one with another cluster's marks. */
export async function addForeign(clients: RawClients, fixture: Fixture): Promise<void> {
  const theirs = ownershipTags('somebody-else', { namespace: 'default', name: 'web', uid: 'somebody-elses' });
  await addBalancer(clients, fixture, 'made-by-hand', { team: 'network' });
  await addBalancer(clients, fixture, 'of-another', theirs);
}

async function addBalancer(
  { elb, ec2 }: RawClients,
  { vpcId: VpcId, subnets }: Fixture,
  Name: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: Name,
      Description: Name,
      VpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags }],
    }),
  );
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name, Protocol: 'TCP', Port: 80, VpcId, TargetType: 'instance', Tags }),
  );
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name,
      Type: 'network',
      Scheme: 'internal',
      Subnets: [subnets.c, subnets.d],
      SecurityGroups: [GroupId],
      Tags,
    }),
  );
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      Protocol: 'TCP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn }],
      Tags,
    }),
  );
}
