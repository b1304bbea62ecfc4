import { describe, vi } from 'vitest';
import { fakeWorld } from '../support/aws/aws-world.ts';
import { judgeAws } from '../support/aws-conformance.ts';

vi.setConfig({ testTimeout: 60_000 });

const open = () => fakeWorld({}, { prefix: 20, dualStack: true });

describe('to nodes', async () => {
  await judgeAws(open);
});

describe('to pods', async () => {
  await judgeAws(open, 'pods');
});
