import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubeError, objectPath, patchType } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { Condition, Service } from '../../src/kube/objects.ts';
import { sharedCluster, uniqueNamespace } from '../support/cluster.ts';

// What the loop relies on when it writes a Service's finalizers and status in one patch of /status.

let connection: KubeConnection;
let services = '';

beforeAll(async () => {
  connection = await connect({ kubeconfig: sharedCluster().kubeconfig, userAgent: 'test', clock: systemClock });
  services = objectPath('/api/v1/namespaces', await uniqueNamespace('patch'), 'services');
});

afterAll(() => connection.close());

let made = 0;

async function service(finalizers: readonly string[] = []): Promise<Service> {
  made += 1;
  const spec = { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] };
  const body = { metadata: { name: `s${made}`, finalizers }, spec };
  return connection.request<Service>({ method: 'POST', path: services, body });
}

function patchStatus(
  { metadata }: Service,
  body: unknown,
  contentType: string = patchType.strategicMerge,
): Promise<Service> {
  return connection.request({
    method: 'PATCH',
    path: objectPath(services, metadata.name, 'status'),
    body,
    contentType,
  });
}

function condition(type: string, status: Condition['status']): Condition {
  return { type, status, reason: 'Reason', message: 'message', lastTransitionTime: '2030-01-01T00:00:00Z' };
}

async function refusal(action: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

describe('finalizers', () => {
  test('travel with the status, and join those of others', async () => {
    const created = await service(['example.com/theirs']);
    const patched = await patchStatus(created, {
      metadata: { uid: created.metadata.uid, finalizers: ['fairlead.dev/a'] },
      status: { conditions: [condition('fairlead.dev/a', 'Unknown')] },
    });
    expect(patched.metadata.finalizers?.toSorted()).toEqual(['example.com/theirs', 'fairlead.dev/a']);
    expect(patched.status?.conditions).toHaveLength(1);
  });

  test('one goes and one comes in the same patch; one that is not there may go', async () => {
    const created = await service(['fairlead.dev/a', 'example.com/theirs']);
    const patched = await patchStatus(created, {
      metadata: {
        '$deleteFromPrimitiveList/finalizers': ['fairlead.dev/a', 'fairlead.dev/x'],
        finalizers: ['fairlead.dev/b'],
      },
    });
    expect(patched.metadata.finalizers?.toSorted()).toEqual(['example.com/theirs', 'fairlead.dev/b']);
  });

  test('no new one comes on a Service that is being deleted', async () => {
    const created = await service(['fairlead.dev/a']);
    await connection.request({ method: 'DELETE', path: objectPath(services, created.metadata.name) });
    const error = await refusal(patchStatus(created, { metadata: { finalizers: ['fairlead.dev/b'] } }));
    expect(error).toMatchObject({ status: 422, causes: [{ field: 'metadata.finalizers' }, {}] });
  });

  test('the last one goes together with the status, and the Service with it', async () => {
    const created = await service(['fairlead.dev/a']);
    const { uid } = created.metadata;
    await patchStatus(created, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } });
    await connection.request({ method: 'DELETE', path: objectPath(services, created.metadata.name) });
    await patchStatus(created, {
      metadata: { uid, '$deleteFromPrimitiveList/finalizers': ['fairlead.dev/a'] },
      status: { loadBalancer: { ingress: null } },
    });
    expect(await refusal(patchStatus(created, { metadata: { uid } }))).toMatchObject({
      status: 404,
      reason: 'NotFound',
    });
  });
});

describe('status', () => {
  test('conditions merge by type, are replaced, and deleted', async () => {
    const created = await service();
    await patchStatus(created, { status: { conditions: [condition('a', 'True'), condition('b', 'True')] } });
    await patchStatus(created, { status: { conditions: [condition('b', 'False')] } });
    const patched = await patchStatus(created, { status: { conditions: [{ $patch: 'delete', type: 'a' }] } });
    expect(patched.status?.conditions).toEqual([condition('b', 'False')]);
  });

  test('ingress is replaced as a whole, gets VIP as its mode, and is cleared by null', async () => {
    const created = await service();
    await patchStatus(created, {
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'a.example' }] } },
    });
    const replaced = await patchStatus(created, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.2' }] } } });
    expect(replaced.status?.loadBalancer?.ingress).toEqual([{ ip: '192.0.2.2', ipMode: 'VIP' }]);
    const cleared = await patchStatus(created, { status: { loadBalancer: { ingress: null } } });
    expect(cleared.status?.loadBalancer).toEqual({});
  });

  test('a patch that changes nothing makes no new version', async () => {
    const created = await service();
    const body = { status: { conditions: [condition('a', 'True')] } };
    const first = await patchStatus(created, body);
    const second = await patchStatus(created, body);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('the spec is left alone', async () => {
    const created = await service();
    const patched = await patchStatus(created, { spec: { ports: [{ port: 80, nodePort: 30_001 }] } });
    expect(patched.spec).toEqual(created.spec);
  });
});

describe('preconditions', () => {
  test('an old resourceVersion is a 409', async () => {
    const created = await service();
    await patchStatus(created, { status: { conditions: [condition('a', 'True')] } });
    const { resourceVersion } = created.metadata;
    expect(await refusal(patchStatus(created, { metadata: { resourceVersion }, status: {} }))).toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
  });

  test('the uid of another object is a 422 that names the field', async () => {
    const created = await service();
    const error = await refusal(
      patchStatus(created, { metadata: { uid: '00000000-0000-0000-0000-000000000000' }, status: {} }),
    );
    expect(error).toMatchObject({ status: 422, reason: 'Invalid' });
    expect(error.causes?.[0]?.field).toBe('metadata.uid');
  });

  test('a failed test of a JSON patch is a 422 without causes', async () => {
    const created = await service();
    const patch = [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }];
    const error = await refusal(patchStatus(created, patch, patchType.json));
    expect(error).toMatchObject({ status: 422, reason: 'Invalid', causes: undefined });
  });
});
