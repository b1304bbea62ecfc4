import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import type { Deleted, Ensured, Ingress, LoadBalancer, LoadBalancerRef } from '../provider.ts';

/** RFC 1123, as the API server checks `ingress[].hostname`. */
const hostname = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
/** What the API server takes as the reason of an Event or a condition. */
const camelCase = /^[A-Z][A-Za-z0-9]{0,127}$/;
/** What it takes as `ingress[].ports[].error`. */
const portError = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const hourMs = 3_600_000;

/** Throws an AssertionError unless the core can publish this answer as it stands. */
export function assertValidEnsured(answer: Ensured, loadBalancer: LoadBalancer): void {
  assertJsonSafe(answer, 'the answer of ensureLoadBalancer');
  assert.ok(answer.state === 'ready' || answer.state === 'pending', `state is ready or pending, not ${answer.state}`);
  if (answer.state === 'pending') assertValidWait(answer);
  else assert.ok(answer.ingress.length > 0, 'ready means that there is an address');
  for (const entry of answer.ingress) assertValidIngress(entry, loadBalancer);
  for (const { reason, message } of answer.warnings ?? []) {
    assert.match(reason, camelCase, 'the reason of a warning is a CamelCase word');
    assert.ok(message.length > 0, `the warning ${reason} has a message`);
  }
  assertValidBackends(answer, loadBalancer);
}

export function assertValidDeleted(answer: Deleted): void {
  assertJsonSafe(answer, 'the answer of ensureLoadBalancerDeleted');
  assert.ok(
    answer.state === 'deleted' || answer.state === 'pending',
    `state is deleted or pending, not ${answer.state}`,
  );
  if (answer.state === 'pending') assertValidWait(answer);
}

export function assertValidRefs(refs: readonly LoadBalancerRef[], cluster: string): void {
  assertJsonSafe(refs, 'the answer of listLoadBalancers');
  for (const ref of refs) assert.equal(ref.cluster, cluster, 'only balancers of this cluster are listed');
  assert.equal(new Set(refs.map(ref => ref.id)).size, refs.length, 'a balancer is listed once');
}

function assertValidWait({ reason, retryAfterMs }: { readonly reason: string; readonly retryAfterMs: number }): void {
  assert.ok(reason.length > 0, 'pending says what it waits for');
  assert.ok(
    Number.isFinite(retryAfterMs) && retryAfterMs > 0 && retryAfterMs <= hourMs,
    'retryAfterMs is above 0 and at most an hour',
  );
}

function assertValidIngress(entry: Ingress, { listeners }: LoadBalancer): void {
  const { ip, hostname: name, ipMode, ports = [] } = entry;
  assert.ok((ip === undefined) !== (name === undefined), 'an ingress entry has either ip or hostname');
  if (ip !== undefined) assert.notEqual(isIP(ip), 0, `${ip} is an IP address`);
  if (name !== undefined) assert.match(name, hostname, 'hostname is a DNS name');
  assert.ok(ipMode === undefined || ip !== undefined, 'ipMode stands with ip only');
  for (const { port, protocol, error } of ports) {
    const isServed = listeners.some(listener => listener.port === port && listener.protocol === protocol);
    assert.ok(isServed, `port ${port}/${protocol} is one of the listeners`);
    if (error !== undefined) assert.match(error, portError, 'the error of a port is a word the API server takes');
  }
}

function assertValidBackends({ backends }: Ensured, loadBalancer: LoadBalancer): void {
  if (backends === undefined) return;
  const { registered, healthy = 0, rejected = [] } = backends;
  const most = loadBalancer.backends.length;
  assert.ok(
    Number.isInteger(registered) && registered >= 0 && registered <= most,
    'backends.registered counts the given backends',
  );
  assert.ok(healthy <= registered, 'no more backends are healthy than registered');
  for (const { node } of rejected) {
    assert.ok(
      loadBalancer.backends.some(backend => backend.node === node),
      `the rejected node ${node} is one of the given backends`,
    );
  }
}

function assertJsonSafe(value: unknown, what: string): void {
  assert.deepEqual(JSON.parse(JSON.stringify(value) ?? 'null'), value, `${what} survives JSON`);
}
