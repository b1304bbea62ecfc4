import { testProvider } from '../../src/provider/conformance.ts';
import { onGce, openGce } from '../support/gcp/gcp-harness.ts';
import { judged } from '../support/judged.ts';

const { test, settle } = judged(['not for a provider that has a record of its own outside, or no restore']);

await testProvider({ name: 'gcp', test, open: () => openGce(), adjust: onGce });

settle();
