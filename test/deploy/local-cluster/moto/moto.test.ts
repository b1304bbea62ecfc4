import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bringMoto, ensureMoto, startMoto } from '../../../../deploy/local-cluster/moto/moto.mjs';
import { inBrackets } from '../../../support/e2e/describe-in-lab.ts';

const why = await bringMoto();

test('every package is pinned to one version', () => {
  const list = readFileSync(new URL('../../../../deploy/local-cluster/moto/requirements.txt', import.meta.url), 'utf8');
  const packages = list.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  expect(packages.filter(line => !/^[\w.-]+==[\w.]+$/.test(line))).toEqual([]);
  expect(packages).toContain('moto==5.2.5');
});

test.skipIf(why !== undefined)(`what is installed is not installed again${inBrackets(why)}`, async () => {
  expect(await ensureMoto()).toBe(await ensureMoto());
});

test.skipIf(why !== undefined)(
  `a server answers, is emptied, and is gone when it is stopped${inBrackets(why)}`,
  { timeout: 90_000 },
  async () => {
    const moto = await startMoto();
    const models = async () => (await fetch(`${moto.url}/moto-api/data.json`)).json();
    await moto.reset();
    expect(await models()).toBeTypeOf('object');
    await moto.stop();
    await expect(models()).rejects.toThrow('fetch failed');
  },
);
