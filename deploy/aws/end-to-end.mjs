#!/usr/bin/env node
// node deploy/aws/end-to-end.mjs --endpoint <url> [--kubeconfig <path>] [--context <name>] [--kubectl <path>] [--class <loadBalancerClass>]
// A Service's whole life on a cluster whose fairlead has an emulator of AWS behind it: moto, LocalStack, whatever answers at the endpoint.
// Exit code 0: everything was as it must be, and nothing is left.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { awsClients } from '../local-cluster/aws/clients.mjs';
import { readBalancer, readInventory } from '../local-cluster/aws/read-balancer.mjs';

const run = promisify(execFile);
const patienceMs = 120_000;
const pollMs = 250;
const excluded = 'node.kubernetes.io/exclude-from-external-load-balancers';
const text = /** @type {const} */ ({ type: 'string' });

const { values } = parseArgs({
  options: { endpoint: text, kubeconfig: text, context: text, kubectl: text, class: text },
});

const program = values.kubectl ?? 'kubectl';
const cluster = [
  ...(values.kubeconfig === undefined ? [] : [`--kubeconfig=${values.kubeconfig}`]),
  ...(values.context === undefined ? [] : [`--context=${values.context}`]),
];

/** @param {string[]} args */
async function kubectl(...args) {
  return (await run(program, [...cluster, ...args])).stdout.trim();
}

/** @param {object} object */
async function create(object) {
  const creating = run(program, [...cluster, 'create', '--filename=-']);
  creating.child.stdin?.end(JSON.stringify(object));
  await creating;
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Asks until the answer is as it must be; the last complaint is the one that counts.
 * @template Answer
 * @param {() => Promise<Answer>} ask
 */
async function eventually(ask) {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(pollMs);
  }
}

/**
 * The balancer serves these ports, each with every node at its node port.
 * @param {import('../local-cluster/aws/clients.mjs').AwsClients} clients
 * @param {string} hostname
 * @param {string} service
 */
async function assertServed(clients, hostname, service) {
  const found = await readBalancer(clients, hostname);
  assert.ok(found !== undefined, `AWS knows no load balancer ${hostname}`);
  assert.equal(found.type, 'network');
  assert.equal(found.state, 'active');
  const nodes = (await kubectl('get', 'nodes', `--selector=!${excluded}`, '--output=name')).split('\n');
  /** @type {{ port: number, nodePort: number }[]} */
  const ports = JSON.parse(await kubectl('get', 'service', service, '--output=jsonpath={.spec.ports}'));
  assert.deepEqual(
    found.listeners.map(({ protocol, port }) => `${protocol} ${port}`),
    ports
      .map(({ port }) => port)
      .sort((a, b) => a - b)
      .map(port => `TCP ${port}`),
  );
  for (const { port, nodePort } of ports) {
    /** @type {readonly string[]} */
    const targets = found.listeners.find(listener => listener.port === port)?.targets ?? [];
    assert.equal(targets.length, nodes.length, `all nodes are behind port ${port}, not ${targets.join()}`);
    assert.ok(
      targets.every(target => target.endsWith(`:${nodePort}`)),
      `at node port ${nodePort}: ${targets.join()}`,
    );
  }
  return found;
}

/** @param {import('../local-cluster/aws/clients.mjs').AwsClients} clients */
async function life(clients) {
  const before = await readInventory(clients);
  const name = `end-to-end-${randomBytes(4).toString('hex')}`;
  const spec = {
    type: 'LoadBalancer',
    ...(values.class === undefined ? {} : { loadBalancerClass: values.class }),
    selector: { app: name },
    ports: [{ name: 'http', port: 80 }],
  };
  await create({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
  say(`created Service ${name}`);
  try {
    const path = '{.status.loadBalancer.ingress[0].hostname}';
    await kubectl('wait', `service/${name}`, `--for=jsonpath=${path}`, `--timeout=${patienceMs / 1_000}s`);
    const hostname = await kubectl('get', 'service', name, `--output=jsonpath=${path}`);
    say(`its hostname: ${hostname}`);
    const first = await eventually(() => assertServed(clients, hostname, name));
    say(
      `at AWS: ${first.name}, ${first.scheme}, in ${first.zones.join(' and ')}; ${first.listeners[0]?.targets.join(', ')}`,
    );
    const more = JSON.stringify([{ op: 'add', path: '/spec/ports/-', value: { name: 'https', port: 443 } }]);
    await kubectl('patch', 'service', name, '--type=json', `--patch=${more}`);
    await eventually(() => assertServed(clients, hostname, name));
    say('a port was added, and is served too');
  } finally {
    await kubectl('delete', 'service', name, `--timeout=${patienceMs / 1_000}s`);
  }
  const left = (await readInventory(clients)).filter(line => !before.includes(line));
  assert.deepEqual(left, [], 'nothing is left at AWS');
  say('deleted, and nothing is left at AWS');
}

if (values.endpoint === undefined) {
  process.stderr.write('--endpoint is missing: give the URL of the emulator, such as http://127.0.0.1:5000\n');
  process.exitCode = 2;
} else {
  const clients = awsClients(values.endpoint);
  try {
    await life(clients);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    clients.close();
  }
}
