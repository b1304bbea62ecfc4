import { securityGroupAt } from '../security-groups/security-groups.ts';
import { skipClientToken } from '../services/client-token.ts';
import { describeEc2 } from '../services/describe-ec2.ts';
import { readTagSpecification, tagSet } from '../services/ec2-tags.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { Instance, Subnet } from '../world/ec2-model.ts';
import { addInterface } from './private-addresses.ts';

const stateCodes = { running: 16, stopped: 80, terminated: 48 };

/** They run at once, each with one network interface. */
export const runInstances: Operation = params => {
  const image = params.required('ImageId');
  const type = params.optional('InstanceType') ?? 't3.micro';
  const count = params.within('MaxCount', 1, 1_000) ?? 1;
  params.within('MinCount', 1, count);
  const subnetId = params.required('SubnetId');
  const groups = params.texts('SecurityGroupId') ?? [];
  const tags = readTagSpecification(params, 'instance');
  skipClientToken(params);
  return account => {
    const subnet = account.subnets.get(subnetId);
    if (subnet === undefined)
      throw new Refusal('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
    for (const id of groups) securityGroupAt(account, id);
    const made = Array.from({ length: count }, () => makeInstance(account, subnet, { image, type, groups, tags }));
    return { reservationId: account.newId('r'), instancesSet: made.map(instance => instanceXml(account, instance)) };
  };
};

function makeInstance(
  account: Account,
  subnet: Subnet,
  { image, type, groups, tags }: { image: string; type: string; groups: readonly string[]; tags: Map<string, string> },
): Instance {
  const { id: subnetId, vpcId, zone } = subnet;
  const id = account.newId('i');
  const instance: Instance = { id, subnetId, vpcId, zone, type, image, state: 'running', tags: new Map(tags) };
  account.instances.set(id, instance);
  addInterface(account, subnet, { owner: id, description: '', type: 'interface', securityGroups: groups });
  return instance;
}

export const describeInstances = describeEc2<Instance>({
  idParam: 'InstanceId',
  notFound: 'InvalidInstanceID.NotFound',
  resultSet: 'reservationSet',
  all: account => account.instances.values(),
  filters: account => ({
    'instance-id': instance => [instance.id],
    'instance-state-name': instance => [instance.state],
    'vpc-id': instance => [instance.vpcId],
    'subnet-id': instance => [instance.subnetId],
    'availability-zone': instance => [instance.zone],
    'private-ip-address': instance => [interfaceOf(account, instance)?.privateIp],
    'instance.group-id': instance => interfaceOf(account, instance)?.securityGroups ?? [],
  }),
  xml: (account, instance) => ({ ownerId: account.id, instancesSet: [instanceXml(account, instance)] }),
});

export const stopInstances = changeState('stopped');
export const startInstances = changeState('running');
export const terminateInstances = changeState('terminated');

function changeState(state: Instance['state']): Operation {
  return params => {
    const ids = params.texts('InstanceId') ?? [];
    return account => {
      const chosen = ids.map(id => {
        const instance = account.instances.get(id);
        if (instance === undefined)
          throw new Refusal('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
        return instance;
      });
      for (const instance of chosen) {
        instance.state = state;
        const primary = interfaceOf(account, instance);
        if (state === 'terminated' && primary !== undefined) primary.goneAt = account.now();
      }
      return {
        instancesSet: chosen.map(({ id }) => ({
          instanceId: id,
          currentState: { code: stateCodes[state], name: state },
        })),
      };
    };
  };
}

function interfaceOf(account: Account, { id }: Instance) {
  return account.interfaces().find(({ owner }) => owner === id);
}

function instanceXml(account: Account, instance: Instance): Answer {
  const primary = interfaceOf(account, instance);
  return {
    instanceId: instance.id,
    imageId: instance.image,
    instanceType: instance.type,
    instanceState: { code: stateCodes[instance.state], name: instance.state },
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    placement: { availabilityZone: instance.zone },
    privateIpAddress: primary?.privateIp,
    groupSet: primary?.securityGroups.map(groupId => ({ groupId })) ?? [],
    networkInterfaceSet: primary === undefined ? [] : [{ networkInterfaceId: primary.id, subnetId: primary.subnetId }],
    tagSet: tagSet(instance.tags),
  };
}
