import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwsFault } from '../../../../providers/aws/client/aws-fault.ts';
import { classifyError } from '../../../../providers/aws/client/classify-error.ts';
import { batches, describedInBatches } from '../../../../providers/aws/resources/batches.ts';
import { toFilters } from '../../../../providers/aws/resources/filters.ts';

test('batches hold everything once, in order, and none is too long or empty', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 30 }), (items, most) => {
      const parts = batches(items, most);
      expect(parts.flat()).toEqual(items);
      expect(parts.every(({ length }) => length > 0 && length <= most)).toBe(true);
      expect(parts).toHaveLength(Math.ceil(items.length / most));
    }),
  );
});

describe('what there is of many', () => {
  /** As AWS does it: one that is gone refuses the whole request. */
  const world = (there: ReadonlySet<number>) => {
    let requests = 0;
    return {
      requests: () => requests,
      describe: async (some: number[]): Promise<readonly number[]> => {
        requests += 1;
        if (some.every(one => there.has(one))) return some;
        throw classifyError('DescribeTags', new AwsFault('LoadBalancerNotFound', 400, 'one of them'));
      },
    };
  };

  test('is found, whatever is gone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(200)), fc.uniqueArray(fc.nat(200)), async (asked, there) => {
        const found = await describedInBatches(batches(asked, 20), world(new Set(there)).describe);
        expect(found).toEqual(asked.filter(one => there.includes(one)));
      }),
    );
  });

  test('costs one request a batch where nothing is gone, and a few more for one that is', async () => {
    const all = Array.from({ length: 40 }, (_, index) => index);
    const whole = world(new Set(all));
    await describedInBatches(batches(all, 20), whole.describe);
    expect(whole.requests()).toBe(2);
    const holed = world(new Set(all.slice(1)));
    await describedInBatches(batches(all, 20), holed.describe);
    expect(holed.requests()).toBeLessThan(14);
  });

  test('other errors are passed on', async () => {
    const broken = async (): Promise<readonly number[]> => {
      throw new Error('the network is down');
    };
    await expect(describedInBatches([[1, 2]], broken)).rejects.toThrow('the network is down');
  });
});

test.each([
  [{ 'vpc-id': ['vpc-1'], 'group-id': undefined }, undefined, [{ Name: 'vpc-id', Values: ['vpc-1'] }]],
  [{}, { a: ['x', 'y'] }, [{ Name: 'tag:a', Values: ['x', 'y'] }]],
  [{}, { a: [] }, [{ Name: 'tag-key', Values: ['a'] }]],
])('the filter %j with tags %j is %j', (fields, tags, filters) => {
  expect(toFilters(fields, tags)).toEqual(filters);
});
