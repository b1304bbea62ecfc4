import { type Check, traits } from './conformance/check.ts';
import { convergenceChecks } from './conformance/convergence.ts';
import { deletionChecks } from './conformance/deletion.ts';
import { fencingChecks } from './conformance/fencing.ts';
import { halfMadeChecks } from './conformance/half-made.ts';
import { idempotencyChecks } from './conformance/idempotency.ts';
import { identityChecks } from './conformance/identity.ts';
import { listingChecks } from './conformance/listing.ts';
import { Rig, type RigOptions } from './conformance/rig.ts';
import type { Hook, Served, TestWorld } from './conformance/test-world.ts';
import { valueChecks } from './conformance/values.ts';

export type { Check, Hook, RigOptions, Served, TestWorld };

/** `test` of vitest or of node:test. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip(name: string, run: () => void): unknown;
}

export interface TestProviderOptions extends RigOptions {
  /** Stands in front of every test's name. */
  readonly name: string;
  readonly test: TestFunction;
}

/** Every promise of a provider that can be seen from outside. */
export const checks: readonly Check[] = [
  ...idempotencyChecks,
  ...convergenceChecks,
  ...deletionChecks,
  ...halfMadeChecks,
  ...fencingChecks,
  ...identityChecks,
  ...listingChecks,
  ...valueChecks,
];

/**
 * Registers one test for each promise of a provider. To be awaited at the top of a test file; runs under vitest and node:test alike:
 *
 *     await testProvider({ name: 'acme', test, open: () => ({ createProvider: context => createProvider(context, new FakeAcme()) }) });
 *
 * What cannot be judged, because the world misses a hook or the provider a trait, is registered as skipped, with the reason.
 */
export async function testProvider(options: TestProviderOptions): Promise<void> {
  const reasons = await whySkipped(options);
  for (const check of checks) {
    const title = `${options.name}: ${check.name}`;
    const reason = reasons.get(check);
    if (reason === undefined) options.test(title, () => runCheck(check, options));
    else options.test.skip(`${title} (${reason})`, () => {});
  }
}

/** Judges one promise in a world of its own. Rejects with an AssertionError where it is broken. */
export async function runCheck(check: Check, options: RigOptions): Promise<void> {
  const rig = await Rig.open(options);
  try {
    await check.run(rig);
  } finally {
    await rig.close();
  }
}

/** The checks that cannot judge this provider in this world, each with the reason. */
export async function whySkipped(options: RigOptions): Promise<ReadonlyMap<Check, string>> {
  const rig = await Rig.open(options);
  const reasons = new Map<Check, string>();
  for (const check of checks) {
    const trait = check.traits.find(one => !traits[one].has(rig.provider, rig.sample(1)));
    const hooks = check.hooks.filter(hook => !rig.has(hook));
    if (trait !== undefined) reasons.set(check, `not for a provider that ${traits[trait].without}`);
    else if (hooks.length > 0) reasons.set(check, `the test world has no ${hooks.join(', ')}`);
  }
  await rig.close();
  return reasons;
}
