import { testProvider } from '../../src/provider/conformance.ts';
import { type AwsWorld, adjustTo, testWorldOf } from './aws/aws-world.ts';
import { providerOn } from './aws-provider.ts';
import { judged } from './judged.ts';

/** Its record is outside, at AWS. */
const cannot = ['not for a provider that has a record of its own outside, or no restore'];

/** Registers the whole kit over the provider, on worlds that are opened so. */
export async function judgeAws(openWorld: () => Promise<AwsWorld>): Promise<void> {
  const { test, settle } = judged(cannot);
  let world: AwsWorld | undefined;
  await testProvider({
    name: 'aws',
    test,
    async open() {
      const opened = await openWorld();
      world = opened;
      return testWorldOf(opened, context => providerOn(opened, context));
    },
    adjust: loadBalancer => (world === undefined ? loadBalancer : adjustTo(world, loadBalancer)),
  });
  settle();
}
