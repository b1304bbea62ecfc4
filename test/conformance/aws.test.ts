import { vi } from 'vitest';
import { fakeWorld } from '../support/aws/aws-world.ts';
import { judgeAws } from '../support/aws-conformance.ts';

vi.setConfig({ testTimeout: 60_000 });

await judgeAws(() => fakeWorld({}, { prefix: 20, dualStack: true }));
