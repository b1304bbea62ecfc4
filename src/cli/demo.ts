import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBinaries } from '../../deploy/local-cluster/binaries.mjs';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';
import { type Kubectl, kubectlFor } from './kubectl.ts';
import { UserError } from './user-error.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

const usage = `npm run demo [-- --keep]

A real etcd and kube-apiserver on this machine, the controller as a process of its own, and a Service that gets its address.

  --keep   leave everything running until Ctrl-C, and print the KUBECONFIG for another terminal
  --help   this text
`;

/** Shows the whole way of a Service on a real API server. Ctrl-C leaves no process behind. */
export async function demo(argv: readonly string[]): Promise<0 | 1> {
  const unknown = argv.find(argument => !['--keep', '--help', '-h'].includes(argument));
  if (unknown !== undefined) throw new UserError(`${unknown}: no such option of the demo: use --keep or none`);
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
  const cleanUps: (() => Promise<void>)[] = [];
  try {
    await show(cleanUps, argv.includes('--keep'), interrupted.signal);
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 1;
    throw error;
  } finally {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  }
}

async function show(cleanUps: (() => Promise<void>)[], keep: boolean, signal: AbortSignal): Promise<void> {
  say('Starting etcd and kube-apiserver');
  const { paths } = await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl']);
  const cluster = await startCluster();
  cleanUps.push(() => cluster.stop());
  signal.throwIfAborted();
  const kubectl = kubectlFor(paths['kubectl'] ?? 'kubectl', cluster.kubeconfig, signal);
  await kubectl.apply(...nodes);

  say('Starting the controller, with one provider: in-memory, for Services without a class');
  cleanUps.push(await startController(cluster, signal));

  say('A Service of type LoadBalancer');
  const watch = kubectl.watch('get', 'services', '--field-selector=metadata.name=web');
  await kubectl.apply(web);
  await kubectl.run('wait', 'service/web', '--for=jsonpath={.status.loadBalancer.ingress[0].ip}', '--timeout=30s');
  await watch.stop();

  say('What the object says of itself: its conditions, its finalizer, its Events');
  await kubectl.show('get', 'service', 'web', `-o=jsonpath=${conditionsTemplate}`);
  await waitForEvent(kubectl, 'web', 'EnsuredLoadBalancer');
  await kubectl.show(
    'get',
    'events',
    '--field-selector=involvedObject.name=web',
    '-o=custom-columns=TYPE:.type,REASON:.reason,MESSAGE:.message',
  );

  say('A second Service, of a class that no provider serves: it works as a NodePort, and says so');
  await kubectl.apply(lonely);
  await kubectl.run('wait', 'service/lonely', '--for=condition=LoadBalancerServing=false', '--timeout=30s');
  await kubectl.show('get', 'service', 'lonely');
  await kubectl.show('get', 'service', 'lonely', `-o=jsonpath=${conditionsTemplate}`);

  if (keep) return keepRunning(cluster, paths['kubectl'] ?? 'kubectl', signal);

  say('Deleting both');
  await kubectl.show('delete', 'service', 'web', 'lonely', '--timeout=30s');
  await waitForEvent(kubectl, 'web', 'DeletedLoadBalancer');
  await kubectl.show(
    'get',
    'events',
    '--field-selector=involvedObject.name=web,reason=DeletedLoadBalancer',
    '-o=custom-columns=TYPE:.type,REASON:.reason,MESSAGE:.message',
  );
  await kubectl.show('get', 'services', '--all-namespaces');
  say('Nothing is left. Next: README.md, and providers/README.md for a provider of your own');
}

/** A process of its own, as in a cluster; its log goes to a file. Resolves to what ends it. */
async function startController(cluster: LocalCluster, signal: AbortSignal): Promise<() => Promise<void>> {
  const config = JSON.stringify({ keepsOutside: true });
  const flags = [
    `--kubeconfig=${cluster.kubeconfig}`,
    '--listen=127.0.0.1:0',
    `--provider=demo=in-memory,default,config=${config}`,
  ];
  const logFile = join(cluster.dir, 'fairlead.log');
  const child = spawnGuarded(process.execPath, [main, 'controller', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(logFile);
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  process.stdout.write(`  its log: ${logFile}\n`);
  const ended = exitOf(child);
  void ended.then(code => {
    if (!signal.aborted && code !== 0) process.stderr.write(`the controller ended with ${code}: see ${logFile}\n`);
  });
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise(resolve => child.once('exit', code => resolve(code ?? 0)));
}

async function waitForEvent(kubectl: Kubectl, name: string, reason: string): Promise<void> {
  await kubectl.until(
    text => text.includes(reason),
    'get',
    'events',
    `--field-selector=involvedObject.name=${name}`,
    '-o=jsonpath={.items[*].reason}',
  );
}

async function keepRunning(cluster: LocalCluster, kubectl: string, signal: AbortSignal): Promise<void> {
  say('Left running until Ctrl-C. In another terminal:');
  process.stdout.write(`  export KUBECONFIG=${cluster.kubeconfig}\n  ${kubectl} get services\n`);
  await new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function say(text: string): void {
  process.stdout.write(`\n▸ ${text}\n`);
}

const conditionsTemplate =
  '{range .status.conditions[*]}{.type}={.status}  {.reason}  {.message}{"\\n"}{end}finalizers: {.metadata.finalizers}{"\\n"}';

const nodes = ['node-a', 'node-b'].map((name, index) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `192.0.2.${index + 11}` }] },
}));

const web = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
};

const lonely = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'lonely' },
  spec: {
    type: 'LoadBalancer',
    loadBalancerClass: 'fairlead.dev/nobody',
    selector: { app: 'web' },
    ports: [{ port: 80 }],
  },
};
