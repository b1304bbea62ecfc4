import { ensureMoto } from '../../deploy/local-cluster/moto/moto.mjs';
import { bringLabTools, whyNoLab } from '../../deploy/local-cluster/segment/lab.mjs';
import { type Stage, say } from './demo/say.ts';
import { showWithNodes } from './demo/with-nodes.ts';
import { showWithoutNodes } from './demo/without-nodes.ts';
import { UserError } from './user-error.ts';

const usage = `npm run demo [-- --provider aws|gcp] [-- --keep]

A real etcd and kube-apiserver on this machine, the controller as a process of its own, and a Service that gets its address.
As root on Linux also three nodes and a client: network namespaces with kube-proxy and fairlead's speakers, in which traffic flows to
that address, and goes on when the node that announces it dies.

  --provider aws   instead: a Network Load Balancer at moto, an emulator of AWS; needs no root, no Docker and no account
  --provider gcp   instead: a passthrough Network Load Balancer at a fake of Google Cloud's Compute Engine; needs no more than that either
  --keep           leave everything running until Ctrl-C, and print the KUBECONFIG for another terminal
  --help           this text
`;

/** Shows the whole way of a Service on a real API server. Ctrl-C leaves no process and no namespace behind. */
export async function demo(argv: readonly string[]): Promise<0 | 1> {
  const { cloud, keep, help } = readArguments(argv);
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  // Before the first handler: a Ctrl-C during a long build ends everything at once.
  const why = cloud === undefined ? (whyNoLab() ?? (await bringLabTools())) : undefined;
  if (cloud === 'aws') await ensureMoto();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
  const stage: Stage = { cleanUps: [], keep, signal: interrupted.signal };
  try {
    if (why !== undefined) say(`Left out are nodes, traffic and failover: ${why}`);
    if (cloud === 'aws') await (await import('./demo/with-aws.ts')).showWithAws(stage);
    else if (cloud === 'gcp') await (await import('./demo/with-gcp.ts')).showWithGcp(stage);
    else await (why === undefined ? showWithNodes(stage) : showWithoutNodes(stage));
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 1;
    throw error;
  } finally {
    for (const cleanUp of stage.cleanUps.toReversed()) await cleanUp();
  }
}

interface Arguments {
  readonly cloud: 'aws' | 'gcp' | undefined;
  readonly keep: boolean;
  readonly help: boolean;
}

function readArguments(argv: readonly string[]): Arguments {
  const words = argv.flatMap(argument => (argument.startsWith('--provider=') ? argument.split('=', 2) : [argument]));
  const at = words.indexOf('--provider');
  const provider = at < 0 ? undefined : (words.splice(at, 2)[1] ?? '');
  if (provider !== undefined && provider !== 'aws' && provider !== 'gcp')
    throw new UserError(`--provider ${provider}: the demo knows aws and gcp; without it, it shows bare metal`);
  const unknown = words.find(word => !['--keep', '--help', '-h'].includes(word));
  if (unknown !== undefined)
    throw new UserError(`${unknown}: no such option of the demo: use --provider aws, --provider gcp, --keep, or none`);
  return {
    cloud: provider,
    keep: words.includes('--keep'),
    help: words.includes('--help') || words.includes('-h'),
  };
}
