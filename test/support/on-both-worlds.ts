import { afterAll, beforeAll, describe } from 'vitest';
import { bringMoto, startMoto } from '../../deploy/local-cluster/moto/moto.mjs';
import { type AwsWorld, fakeWorld, motoWorld } from './aws/aws-world.ts';
import { inBrackets } from './e2e/describe-in-lab.ts';

/** The same rows on the fake and on moto. */
export function onBothWorlds(
  what: string,
  rows: (open: () => Promise<AwsWorld>, world: 'fake' | 'moto') => void,
): void {
  describe(`${what}, on the fake`, () => {
    rows(() => fakeWorld(), 'fake');
  });
  describe.skipIf(whyNoMoto !== undefined)(`${what}, on moto${inBrackets(whyNoMoto)}`, () => {
    let moto: Awaited<ReturnType<typeof startMoto>> | undefined;
    beforeAll(async () => {
      moto = await startMoto();
    }, 90_000);
    afterAll(() => moto?.stop());
    rows(() => {
      if (moto === undefined) throw new Error('moto has not started');
      return motoWorld(moto);
    }, 'moto');
  });
}

const whyNoMoto = await bringMoto();
