import { expect, test, vi } from 'vitest';
import { serveCrowd } from '../../support/aws-crowd.ts';

vi.setConfig({ testTimeout: 60_000 });

test('150 Services at once, throttled as AWS does: no error, and few requests in vain', async () => {
  const { served, errors, calls } = await serveCrowd(150, { speed: 50, throttled: true });
  expect(errors).toEqual([]);
  expect(served).toBe(150);
  const refused = calls.filter(({ status = 0 }) => status >= 400);
  expect(refused.length / calls.length).toBeLessThan(0.1);
});
