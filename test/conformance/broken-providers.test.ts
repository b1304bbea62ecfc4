import { AssertionError } from 'node:assert';
import { describe, expect, test } from 'vitest';
import { type Check, checks, runCheck, whySkipped } from '../../src/provider/conformance.ts';
import { openInMemory } from '../support/in-memory-harness.ts';
import { openWorld, toPods } from '../support/world-harness.ts';
import { brokenProviders } from './broken-providers.ts';

test('every check has a name of its own and a broken provider that it must catch', () => {
  const names = checks.map(check => check.name);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(brokenProviders.map(one => one.breaks))).toEqual(new Set(names));
});

/** Samples with the trait that the check is about. */
function fit(check: Check): { readonly adjust?: typeof toPods } {
  return check.traits.includes('sendsToPods') ? { adjust: toPods } : {};
}

describe.each(checks)('$name', check => {
  test('is kept by a good provider', async () => {
    const open = check.traits.includes('recordsInStatus') ? () => openInMemory({}) : () => openWorld();
    expect((await whySkipped({ open, ...fit(check) })).get(check)).toBeUndefined();
    await runCheck(check, { open, ...fit(check) });
  });

  test.each(brokenProviders.filter(one => one.breaks === check.name))(
    'is broken by one that does this: $how',
    async ({ open }) => {
      expect((await whySkipped({ open, ...fit(check) })).get(check)).toBeUndefined();
      await expect(runCheck(check, { open, ...fit(check), patienceMs: 100 })).rejects.toBeInstanceOf(AssertionError);
    },
  );
});
