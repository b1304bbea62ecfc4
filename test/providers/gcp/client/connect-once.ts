// A process of its own, as credentials are found in its environment. Usage: node connect-once.ts <options as JSON>; prints what came of it.
import { connectGce, type GceOptions } from '../../../../providers/gcp/client/connect-gce.ts';
import { systemClock } from '../../../../src/kube/clock.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<GceOptions, 'clock'>;
const call = { signal: new AbortController().signal, epoch: '1', sequence: 1, assertLeading() {} };

process.on('unhandledRejection', error => {
  process.stdout.write(`${JSON.stringify({ unhandled: String(error) })}\n`);
});
try {
  const api = await connectGce({ ...options, clock: systemClock });
  const found = await api.list('healthChecks', {}, call);
  process.stdout.write(`${JSON.stringify({ project: api.project, found: found.length })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
}
