import { bringLabTools, whyNoLab } from '../../deploy/local-cluster/segment/lab.mjs';
import { type Stage, say } from './demo/say.ts';
import { showWithNodes } from './demo/with-nodes.ts';
import { showWithoutNodes } from './demo/without-nodes.ts';
import { UserError } from './user-error.ts';

const usage = `npm run demo [-- --keep]

A real etcd and kube-apiserver on this machine, the controller as a process of its own, and a Service that gets its address.
As root on Linux also three nodes and a client: network namespaces with kube-proxy and fairlead's speakers, in which traffic flows to
that address, and goes on when the node that announces it dies.

  --keep   leave everything running until Ctrl-C, and print the KUBECONFIG for another terminal
  --help   this text
`;

/** Shows the whole way of a Service on a real API server. Ctrl-C leaves no process and no namespace behind. */
export async function demo(argv: readonly string[]): Promise<0 | 1> {
  const unknown = argv.find(argument => !['--keep', '--help', '-h'].includes(argument));
  if (unknown !== undefined) throw new UserError(`${unknown}: no such option of the demo: use --keep or none`);
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  // Before the first handler: a Ctrl-C during a long build ends everything at once.
  const why = whyNoLab() ?? (await bringLabTools());
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
  const stage: Stage = { cleanUps: [], keep: argv.includes('--keep'), signal: interrupted.signal };
  try {
    if (why !== undefined) say(`Left out are nodes, traffic and failover: ${why}`);
    await (why === undefined ? showWithNodes(stage) : showWithoutNodes(stage));
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 1;
    throw error;
  } finally {
    for (const cleanUp of stage.cleanUps.toReversed()) await cleanUp();
  }
}
