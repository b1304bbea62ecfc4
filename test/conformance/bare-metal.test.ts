import { describe } from 'vitest';
import { testProvider } from '../../src/provider/conformance.ts';
import { openBareMetal } from '../support/bare-metal-harness.ts';
import { judged } from '../support/judged.ts';

/** Nothing is outside the cluster: no requests that could fail, hang or be held back, and no traffic before speakers answer. */
const cannot = [
  'not for a provider that has no listLoadBalancers',
  'not for a provider that keeps nothing outside',
  'not for a provider that sends to nodes',
  'the test world has no addForeign',
  'the test world has no failMutation, mutations',
  'the test world has no hang',
  'the test world has no holdBack',
  'the test world has no mutations',
  'the test world has no served',
];

describe.each([
  { pools: [{ name: 'both', addresses: ['198.18.0.0/24', '2001:db8::/64'] }] },
  { pools: [{ name: 'lan', addresses: ['198.18.0.10-198.18.3.200', '2001:db8::1:0/112'], avoidBuggyIPs: true }] },
])('bare-metal with $pools', async config => {
  const { test, settle } = judged(cannot);
  await testProvider({ name: 'bare-metal', test, open: () => openBareMetal(config) });
  settle();
});
