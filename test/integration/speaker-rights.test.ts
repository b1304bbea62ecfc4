import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubeError, type KubeRequest, patchType } from '../../src/kube/client.ts';
import { systemClock as clock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { Lease } from '../../src/kube/objects.ts';
import { type Speakers, startSpeakers } from '../support/speakers.ts';

/**
 * What the component speaker gives to a speaker, asked of a real API server with the very token that its pod would have: bound to a pod on
 * node n1. That it suffices, every speaker-*.test.ts shows: they all run with such tokens.
 */
let speakers: Speakers;
let speaker: KubeConnection;
/** Of a node whose speaker is not running. */
let foreign: Lease;
const speakersPath = '/apis/fairlead.dev/v1beta1/speakers';
const leases = (): string => `/apis/coordination.k8s.io/v1/namespaces/${speakers.namespace}/leases`;
const home = (resource: string): string => `/api/v1/namespaces/${speakers.namespace}/${resource}`;
const merge = { method: 'PATCH', contentType: patchType.merge } as const;

beforeAll(async () => {
  speakers = await startSpeakers();
  await Promise.all(['n1', 'n2'].map(name => speakers.createNode(name)));
  await speakers.publish('web', ['198.18.0.1']);
  await speakers.start('n2');
  foreign = await speakers.admin.request<Lease>({ method: 'POST', path: leases(), body: leaseOf('n9') });
  await speakers.until('there is a record', async () => (await speakers.speakerObject('n2'))?.status !== undefined);
  speaker = await connect({ kubeconfig: await speakers.kubeconfigOf('n1'), userAgent: 'fairlead-test', clock });
  await speakers.until('the policy is in force', async () =>
    (await refusal({ method: 'POST', path: leases(), body: leaseOf('n1', 'a-probe') })).includes(
      'of its own node only',
    ),
  );
});
afterAll(async () => {
  await speaker.close();
  await speakers[Symbol.asyncDispose]();
});

function leaseOf(node: string, name = `fairlead-speaker-${speakers.nodeName(node)}`): object {
  return { metadata: { name }, spec: { holderIdentity: 'x' } };
}

function speakerOf(node: string, spec: object = {}): object {
  return { apiVersion: 'fairlead.dev/v1beta1', kind: 'Speaker', metadata: { name: speakers.nodeName(node) }, spec };
}

function eventOf(reportingInstance: string | undefined, name: string): object {
  const involvedObject = { kind: 'Service', apiVersion: 'v1', name: 'web', namespace: speakers.namespace };
  return {
    metadata: { name },
    involvedObject,
    reason: 'nodeAssigned',
    message: 'm',
    type: 'Normal',
    ...(reportingInstance && { reportingInstance, reportingComponent: 'fairlead-speaker' }),
  };
}

/** Why the API server refuses; empty: it does not. */
async function refusal(request: KubeRequest, as = speaker): Promise<string> {
  try {
    await as.request(request);
    return '';
  } catch (error) {
    if (error instanceof KubeError && (error.status === 403 || error.status === 422)) return error.message;
    throw error;
  }
}

describe('by its role a speaker may not', () => {
  const rows: readonly { readonly name: string; readonly request: () => KubeRequest }[] = [
    { name: 'change a Service', request: () => ({ ...merge, path: home('services/web'), body: {} }) },
    { name: 'change a Service’s status', request: () => ({ ...merge, path: home('services/web/status'), body: {} }) },
    {
      name: 'change a node',
      request: () => ({ ...merge, path: `/api/v1/nodes/${speakers.nodeName('n1')}`, body: {} }),
    },
    { name: 'read secrets', request: () => ({ method: 'GET', path: home('secrets') }) },
    { name: 'read pods', request: () => ({ method: 'GET', path: '/api/v1/pods' }) },
    {
      name: 'read Leases of another namespace',
      request: () => ({ method: 'GET', path: '/apis/coordination.k8s.io/v1/namespaces/default/leases' }),
    },
    {
      name: 'drain its node',
      request: () => ({
        ...merge,
        path: `${speakersPath}/${speakers.nodeName('n1')}`,
        body: { spec: { drain: true } },
      }),
    },
    {
      name: 'delete a Speaker',
      request: () => ({ method: 'DELETE', path: `${speakersPath}/${speakers.nodeName('n2')}` }),
    },
    {
      name: 'delete a Lease',
      request: () => ({ method: 'DELETE', path: `${leases()}/fairlead-speaker-${speakers.nodeName('n2')}` }),
    },
    {
      name: 'change a pool',
      request: () => ({ ...merge, path: '/apis/fairlead.dev/v1beta1/addresspools/x', body: {} }),
    },
    { name: 'read the Events of others', request: () => ({ method: 'GET', path: '/api/v1/events' }) },
  ];

  test.for(rows)('$name', async ({ request }) => {
    expect(await refusal(request())).toMatch(/cannot (?:patch|get|list|delete|update)/);
  });
});

describe('by the admission policy it may not', () => {
  const own = 'of its own node only';
  const status = { status: { bootId: 'x', claims: [] } };
  const rows: readonly { readonly name: string; readonly request: () => KubeRequest; readonly expected: string }[] = [
    {
      name: 'make the Lease of another node',
      request: () => ({ method: 'POST', path: leases(), body: leaseOf('n3') }),
      expected: own,
    },
    {
      name: 'take the Lease of another node',
      request: () => ({
        method: 'PUT',
        path: `${leases()}/${foreign.metadata.name}`,
        body: { ...foreign, spec: { holderIdentity: 'y' } },
      }),
      expected: own,
    },
    {
      name: 'make a Lease of another kind',
      request: () => ({ method: 'POST', path: leases(), body: leaseOf('n1', 'fairlead') }),
      expected: own,
    },
    {
      name: 'make the Speaker of another node',
      request: () => ({ method: 'POST', path: speakersPath, body: speakerOf('n3') }),
      expected: own,
    },
    {
      name: 'write the record of another node',
      request: () => ({ ...merge, path: `${speakersPath}/${speakers.nodeName('n2')}/status`, body: status }),
      expected: own,
    },
    {
      name: 'make its own Speaker drained',
      request: () => ({ method: 'POST', path: speakersPath, body: speakerOf('n1', { drain: true }) }),
      expected: "is the operator's",
    },
    {
      name: 'write an Event in another node’s name',
      request: () => ({ method: 'POST', path: home('events'), body: eventOf(speakers.nodeName('n2'), 'web.2') }),
      expected: own,
    },
    {
      name: 'write an Event in nobody’s name',
      request: () => ({ method: 'POST', path: home('events'), body: eventOf(undefined, 'web.3') }),
      expected: own,
    },
  ];

  test.for(rows)('$name', async ({ request, expected }) => {
    expect(await refusal(request())).toContain(expected);
  });
});

describe('it may', () => {
  const rows: readonly { readonly name: string; readonly request: () => KubeRequest }[] = [
    {
      name: 'make the Lease of its own node',
      request: () => ({ method: 'POST', path: leases(), body: leaseOf('n1') }),
    },
    { name: 'make its own Speaker', request: () => ({ method: 'POST', path: speakersPath, body: speakerOf('n1') }) },
    {
      name: 'write its own record',
      request: () => ({
        ...merge,
        path: `${speakersPath}/${speakers.nodeName('n1')}/status`,
        body: { status: { claimCount: 0 } },
      }),
    },
    {
      name: 'write an Event in its own name',
      request: () => ({ method: 'POST', path: home('events'), body: eventOf(speakers.nodeName('n1'), 'web.1') }),
    },
  ];

  test.for(rows)('$name', async ({ request }) => {
    expect(await refusal(request())).toBe('');
  });
});

test('a token of the account that is bound to no pod may write nothing', async () => {
  const path = '/api/v1/namespaces/fairlead-speaker/serviceaccounts/fairlead-speaker/token';
  const body = { spec: { expirationSeconds: 3_600 } };
  const { status } = await speakers.admin.request<{ readonly status: { readonly token: string } }>({
    method: 'POST',
    path,
    body,
  });
  const unbound = await connect({
    kubeconfig: speakers.kubeconfigWith(status.token),
    userAgent: 'fairlead-test',
    clock,
  });
  try {
    expect(await refusal({ method: 'POST', path: leases(), body: leaseOf('n1') }, unbound)).toContain(
      'not bound to a pod',
    );
    expect(await refusal({ method: 'GET', path: leases() }, unbound)).toBe('');
  } finally {
    await unbound.close();
  }
});

test('others are not concerned: the operator drains, and writes what he wants', async () => {
  const path = `${speakersPath}/${speakers.nodeName('n2')}`;
  expect(await refusal({ ...merge, path, body: { spec: { drain: true } } }, speakers.admin)).toBe('');
  expect(await refusal({ method: 'POST', path: leases(), body: leaseOf('n1', 'of-anybody') }, speakers.admin)).toBe('');
});
