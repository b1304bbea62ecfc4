import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../src/kube/objects.ts';
import { endpointNodes } from '../../../src/plan/announce/endpoint-nodes.ts';

const metadata = { name: 'web-1', uid: 'u', resourceVersion: '1' };

describe('an endpoint takes traffic', () => {
  test.each<readonly [string, Endpoint['conditions'], boolean]>([
    ['without conditions', undefined, true],
    ['when nothing is said of ready', {}, true],
    ['when ready', { ready: true }, true],
    ['when ready, whatever else is said', { ready: true, serving: false, terminating: true }, true],
    ['when it leaves and still serves', { ready: false, serving: true, terminating: true }, true],
    ['when it serves and is not ready', { ready: false, serving: true }, true],
    ['not when it is not ready', { ready: false }, false],
    ['not when it leaves and serves no more', { ready: false, serving: false, terminating: true }, false],
  ])('%s', (_, conditions, expected) => {
    const endpoints = [{ nodeName: 'n1', ...(conditions && { conditions }) }];
    expect(endpointNodes({ metadata, endpoints })).toEqual(expected ? ['n1'] : []);
  });
});

test('nodes come sorted, each once; an endpoint without a node counts under no name', () => {
  const endpoints = [{ nodeName: 'n2' }, { nodeName: 'n1' }, { nodeName: 'n2' }, {}];
  expect(endpointNodes({ metadata, endpoints })).toEqual(['', 'n1', 'n2']);
});

test.each([{ endpoints: null }, {}])('no endpoints in %j', slice => {
  expect(endpointNodes({ metadata, ...slice })).toEqual([]);
});
