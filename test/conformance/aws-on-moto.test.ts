import { afterAll, describe, vi } from 'vitest';
import { bringMoto, startMoto } from '../../deploy/local-cluster/moto/moto.mjs';
import { motoWorld } from '../support/aws/aws-world.ts';
import { judgeAws } from '../support/aws-conformance.ts';

const why = await bringMoto();

// Each request takes moto some milliseconds, and the kit sends thousands.
vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(why !== undefined)(`on moto${why === undefined ? '' : ` (${why})`}`, async () => {
  if (why !== undefined) return;
  const moto = await startMoto();
  afterAll(() => moto.stop());
  await judgeAws(() => motoWorld(moto, { prefix: 20, dualStack: true }));
});
