import { describe } from 'vitest';
import { testProvider } from '../../src/provider/conformance.ts';
import { openInMemory } from '../support/in-memory-harness.ts';
import { judged } from '../support/judged.ts';

/** It makes no requests that could fail, hang or be held back, and serves no traffic. */
const always = [
  'not for a provider that filters no sources',
  'not for a provider that sends to nodes',
  'the test world has no addForeign',
  'the test world has no failMutation, mutations',
  'the test world has no hang',
  'the test world has no holdBack',
  'the test world has no mutations',
  'the test world has no served',
];
const insideOnly = [
  'not for a provider that has no listLoadBalancers',
  'not for a provider that keeps nothing outside',
];
const outsideOnly = ['not for a provider that has a record of its own outside, or no restore'];

describe.each([
  { config: {}, more: insideOnly },
  { config: { needsNodePorts: true, pool: '10.1.0.0/16' }, more: insideOnly },
  { config: { keepsOutside: true }, more: outsideOnly },
])('in-memory with $config', async ({ config, more }) => {
  const { test, settle } = judged([...always, ...more]);
  await testProvider({ name: 'in-memory', test, open: () => openInMemory(config) });
  settle();
});
