import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bringMoto, startMoto } from '../../../../deploy/local-cluster/moto/moto.mjs';
import { inBrackets } from '../../e2e/describe-in-lab.ts';
import { type AwsWorld, motoWorld } from '../aws-world.ts';
import { rules } from './all-rules.ts';
import { Stage } from './stage.ts';

const why = await bringMoto();

describe.skipIf(why !== undefined)(`moto${inBrackets(why)}`, () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let world: AwsWorld;
  let stage: Stage;

  beforeAll(async () => {
    moto = await startMoto();
    world = await motoWorld(moto, { prefix: 24 });
    stage = new Stage(world);
  }, 90_000);
  afterAll(async () => {
    await world.close();
    await moto.stop();
  });

  const [differing, equal] = [rules.filter(rule => 'moto' in rule), rules.filter(rule => !('moto' in rule))];

  test.each(equal)('as on AWS: $rule', async ({ try: attempt, aws }) => {
    expect(await attempt(stage)).toEqual(aws);
  });

  test.each(differing)('other than AWS: $rule', async ({ try: attempt, aws, moto: expected }) => {
    expect(await attempt(stage)).toEqual(expected);
    expect(expected, 'it is a difference').not.toEqual(aws);
  });
});
