import { describe, expect, test } from 'vitest';
import { parseFault } from '../../../../providers/aws/client/aws-fault.ts';
import {
  awsCodeOf,
  classifyError,
  isDuplicate,
  isInUse,
  isNotFound,
  isUnknownOutcome,
  isUnsupportedProtocol,
  verdictOf,
} from '../../../../providers/aws/client/classify-error.ts';
import { providerErrorCode } from '../../../../src/provider/provider-error.ts';
import { sdkError } from '../../../support/simulated-aws.ts';

/** As the SDK of EC2 throws it: the name is AWS's own code. */
function ec2Error(code: string, status = 400, message = 'said AWS'): Error {
  return Object.assign(new Error(message), { name: code, Code: code, $metadata: { httpStatusCode: status } });
}

function nodeError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

function named(name: string): Error {
  return Object.assign(new Error('the socket was silent'), { name });
}

test.each([
  ['a throttle of ELBv2', sdkError('Throttling', 400), 'throttled'],
  ['its other name', sdkError('ThrottlingException', 400), 'throttled'],
  ['a throttle of EC2', ec2Error('RequestLimitExceeded', 503), 'throttled'],
  ['an earlier request that is still at work', sdkError('PriorRequestNotComplete', 429), 'throttled'],
  ['any 429', sdkError('Whatever', 429), 'throttled'],
  ['a 4xx', sdkError('LoadBalancerNotFound', 400), 'refused'],
  ['a 5xx', sdkError('InternalFailure', 500), 'unclear'],
  ['a 503 that is no throttle', sdkError('ServiceUnavailable', 503), 'unclear'],
  [
    'a page of HTML instead of an answer',
    Object.assign(new Error('char <'), { $response: { statusCode: 500 } }),
    'unclear',
  ],
  ['a connection that nobody took', nodeError('ECONNREFUSED'), 'unreached'],
  ['a name that nobody knows', nodeError('ENOTFOUND'), 'unreached'],
  ['a connection that broke', nodeError('ECONNRESET'), 'unclear'],
  ['silence', named('TimeoutError'), 'unclear'],
  ['an abort', named('AbortError'), 'unclear'],
  ['no error at all', 'a text', 'unclear'],
] as const)('%s', (_row, thrown, verdict) => {
  expect(verdictOf(parseFault(thrown))).toBe(verdict);
});

describe('what is thrown', () => {
  test.each([
    [
      'a quota',
      sdkError('TooManyLoadBalancers', 400, 'The limit has been exceeded'),
      'rejected',
      'AWS refuses CreateLoadBalancer (TooManyLoadBalancers): The limit has been exceeded: delete what is not used any more, or raise the quota in Service Quotas',
    ],
    [
      'a permission',
      sdkError('AccessDenied', 403, 'User: arn:aws:sts::1:assumed-role/r/s is not authorized'),
      'rejected',
      'AWS refuses CreateLoadBalancer (AccessDenied): allow elasticloadbalancing:CreateLoadBalancer, as deploy/iam/aws-policy.json does, to the role that fairlead runs as',
    ],
    [
      'credentials',
      sdkError('SignatureDoesNotMatch', 403, 'The Canonical String should have been x-amz-security-token:SECRET'),
      'rejected',
      'AWS refuses CreateLoadBalancer (SignatureDoesNotMatch): correct the credentials that fairlead runs with, and the clock of the node',
    ],
    [
      'deletion protection',
      sdkError('OperationNotPermitted', 400, 'Deletion protection is enabled'),
      'rejected',
      'AWS refuses CreateLoadBalancer (OperationNotPermitted): Deletion protection is enabled: turn off deletion_protection.enabled, or end the VPC endpoint service that uses it',
    ],
    [
      'anything else',
      sdkError('InvalidConfigurationRequest', 400, 'Key a.b is\n not  known'),
      'rejected',
      'AWS refuses CreateLoadBalancer (InvalidConfigurationRequest): Key a.b is not known',
    ],
    [
      'what no waiting changes',
      sdkError('UnsupportedProtocol', 400, 'UDP'),
      'unsupported',
      'AWS refuses CreateLoadBalancer (UnsupportedProtocol): UDP',
    ],
  ] as const)('%s', (_row, thrown, code, message) => {
    const error = classifyError('CreateLoadBalancer', parseFault(thrown));
    expect([providerErrorCode(error), error.message]).toEqual([code, message]);
  });

  test('a message of AWS is one line of bounded length', () => {
    const error = classifyError('CreateListener', parseFault(sdkError('ValidationError', 400, 'long '.repeat(500))));
    expect(error.message.length).toBeLessThan(400);
  });

  test('a lost answer is an unknown outcome for a change, and a plain error for a read', () => {
    const fault = parseFault(nodeError('ECONNRESET'));
    expect(isUnknownOutcome(classifyError('CreateListener', fault))).toBe(true);
    expect(isUnknownOutcome(classifyError('DescribeListeners', fault))).toBe(false);
  });

  test('neither the answer nor its headers hang on it', () => {
    const thrown = Object.assign(sdkError('AccessDenied', 403), {
      $response: { headers: { authorization: 'SECRET' } },
    });
    const error = classifyError('CreateListener', parseFault(thrown));
    expect(JSON.stringify([error, error.cause, Object.entries(error.cause as Error)])).not.toContain('SECRET');
  });
});

test.each([
  ['ELBv2 without a load balancer', sdkError('LoadBalancerNotFound', 400), isNotFound],
  ['EC2 without a group', ec2Error('InvalidGroup.NotFound'), isNotFound],
  ['EC2 without a rule', ec2Error('InvalidPermission.NotFound'), isNotFound],
  ['a name that is taken', sdkError('DuplicateTargetGroupName', 400), isDuplicate],
  ['a group that is there', ec2Error('InvalidGroup.Duplicate'), isDuplicate],
  ['a rule that is there', ec2Error('InvalidPermission.Duplicate'), isDuplicate],
  ['a port that is taken', sdkError('DuplicateListener', 400), isDuplicate],
  ['a target group with a listener', sdkError('ResourceInUse', 400), isInUse],
  ['a group with interfaces', ec2Error('DependencyViolation'), isInUse],
  ['a protocol', sdkError('UnsupportedProtocol', 400), isUnsupportedProtocol],
] as const)('%s is known for what it is', (_row, thrown, predicate) => {
  const error = classifyError('DeleteTargetGroup', parseFault(thrown));
  expect([isNotFound, isDuplicate, isInUse, isUnsupportedProtocol].filter(is => is(error))).toEqual([predicate]);
  expect(predicate(new Error('a step further', { cause: error }))).toBe(true);
});

test('what AWS has not said has no code', () => {
  expect(awsCodeOf(new Error('ours'))).toBeUndefined();
  expect(isNotFound('NotFound')).toBe(false);
});
