import { expect, test } from 'vitest';
import { chooseVpc } from '../../../../../providers/aws/desired/place/choose-vpc.ts';
import { elb, internalElb, subnet } from '../../samples.ts';

const bare = subnet('subnet-0', 'us-west-2a', '10.9.0.0/24', {}, { vpcId: 'vpc-0' });
const one = subnet('subnet-1', 'us-west-2a', '10.0.0.0/24', elb);
const two = subnet('subnet-2', 'us-west-2a', '10.2.0.0/24', { ...internalElb, Name: 'second' }, { vpcId: 'vpc-2' });

test.each([
  ['that of the balancer', { present: 'vpc-7', configured: 'vpc-8' }, 'vpc-7'],
  ['the operator’s', { configured: 'vpc-8' }, 'vpc-8'],
  ['that of the subnets that are asked for', { wanted: ['second'], subnets: [bare, one, two] }, 'vpc-2'],
  ['the one with a role tag', { subnets: [bare, one] }, 'vpc-1'],
  ['the one with the other role tag', { subnets: [bare, two] }, 'vpc-2'],
  ['the one with a role tag, where what is asked for is not there', { wanted: ['x'], subnets: [bare, one] }, 'vpc-1'],
])('the VPC is %s', (_row, more, vpcId) => {
  expect(chooseVpc({ wanted: [], subnets: [bare, one, two], ...more })).toEqual({ vpcId });
});

test.each([
  ['none is tagged', { subnets: [bare] }, /no VPC has a subnet tagged .*role\/elb or .*internal-elb.*set vpcId/],
  ['two are tagged', { subnets: [one, two] }, /in 2 VPCs \(vpc-1, vpc-2\): set vpcId/],
  [
    'subnets of two are asked for',
    { wanted: ['subnet-1', 'second'], subnets: [one, two] },
    /asked for are in 2 VPCs \(vpc-1, vpc-2\)/,
  ],
])('there is none when %s', (_row, more, fault) => {
  expect(chooseVpc({ wanted: [], ...more })).toEqual({ fault: expect.stringMatching(fault) });
});
