import { skipClientToken } from '../services/client-token.ts';
import { describeEc2 } from '../services/describe-ec2.ts';
import { readTagSpecification, tagSet } from '../services/ec2-tags.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { RouteTable } from '../world/ec2-model.ts';
import { vpcAt } from './vpcs.ts';

export const createInternetGateway: Operation = params => {
  const tags = readTagSpecification(params, 'internet-gateway');
  return account => {
    const id = account.newId('igw');
    account.internetGateways.set(id, { id, vpcId: undefined, tags });
    return { internetGateway: { internetGatewayId: id, ownerId: account.id, tagSet: tagSet(tags) } };
  };
};

export const attachInternetGateway: Operation = params => {
  const [id, vpcId] = [params.required('InternetGatewayId'), params.required('VpcId')];
  return account => {
    const gateway = account.internetGateways.get(id);
    if (gateway === undefined) throw new Refusal('InvalidInternetGatewayID.NotFound', `'${id}' does not exist`);
    gateway.vpcId = vpcAt(account, vpcId).id;
    return { return: true };
  };
};

export const createRouteTable: Operation = params => {
  const vpcId = params.required('VpcId');
  const tags = readTagSpecification(params, 'route-table');
  skipClientToken(params);
  return account => {
    const id = account.newId('rtb');
    const table: RouteTable = { id, vpcId: vpcAt(account, vpcId).id, main: false, routes: [], associations: [], tags };
    account.routeTables.set(id, table);
    return { routeTable: routeTableXml(account, table) };
  };
};

/** Through an internet gateway only. */
export const createRoute: Operation = params => {
  const id = params.required('RouteTableId');
  const destination = params.required('DestinationCidrBlock');
  const gatewayId = params.required('GatewayId');
  return account => {
    tableAt(account, id).routes.push({ destination, gatewayId });
    return { return: true };
  };
};

export const associateRouteTable: Operation = params => {
  const [id, subnetId] = [params.required('RouteTableId'), params.required('SubnetId')];
  return account => {
    const association = { id: account.newId('rtbassoc'), subnetId };
    tableAt(account, id).associations.push(association);
    return { associationId: association.id };
  };
};

export const describeRouteTables = describeEc2<RouteTable>({
  idParam: 'RouteTableId',
  notFound: 'InvalidRouteTableID.NotFound',
  resultSet: 'routeTableSet',
  all: account => account.routeTables.values(),
  filters: () => ({
    'route-table-id': table => [table.id],
    'vpc-id': table => [table.vpcId],
    'association.subnet-id': table => table.associations.map(({ subnetId }) => subnetId),
    'association.main': table => [String(table.main)],
  }),
  xml: routeTableXml,
});

function tableAt(account: Account, id: string): RouteTable {
  const table = account.routeTables.get(id);
  if (table === undefined)
    throw new Refusal('InvalidRouteTableID.NotFound', `The routeTable ID '${id}' does not exist`);
  return table;
}

function routeTableXml(account: Account, { id, vpcId, main, routes, associations, tags }: RouteTable): Answer {
  const local = { destinationCidrBlock: account.vpcs.get(vpcId)?.cidr, gatewayId: 'local', state: 'active' };
  const mainAssociation = {
    routeTableAssociationId: `rtbassoc-${id.slice('rtb-'.length)}`,
    routeTableId: id,
    main: true,
  };
  return {
    routeTableId: id,
    vpcId,
    ownerId: account.id,
    routeSet: [
      local,
      ...routes.map(({ destination, gatewayId }) => ({
        destinationCidrBlock: destination,
        gatewayId,
        state: 'active',
      })),
    ],
    associationSet: [
      ...(main ? [mainAssociation] : []),
      ...associations.map(one => ({
        routeTableAssociationId: one.id,
        routeTableId: id,
        subnetId: one.subnetId,
        main: false,
      })),
    ],
    tagSet: tagSet(tags),
  };
}
