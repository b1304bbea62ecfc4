import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeWorld, fakeWorld } from '../aws-world.ts';
import { defaultQuotas } from '../world/settings.ts';
import { rules } from './all-rules.ts';
import { Stage } from './stage.ts';

let world: FakeWorld;
let stage: Stage;

beforeAll(async () => {
  const quotas = { ...defaultQuotas, loadBalancers: 1_000, addresses: 100 };
  world = await fakeWorld({ quotas }, { prefix: 24 });
  stage = new Stage(world);
});
afterAll(() => world.close());

test.each(rules)('$rule', async ({ try: attempt, aws }) => {
  expect(await attempt(stage)).toEqual(aws);
});
