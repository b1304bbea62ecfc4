import { beforeEach, describe, expect, test } from 'vitest';
import { ServiceWriter, timestamp } from '../../src/controller/service-writer.ts';
import { KubeError, patchType } from '../../src/kube/client.ts';
import { keyOf, type Service } from '../../src/kube/objects.ts';
import { Store } from '../../src/kube/store.ts';
import type { StatusChange } from '../../src/plan/status-patch.ts';
import { type Script, ScriptedClient } from '../support/scripted-client.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

const key = 'default/web';
const ours = 'fairlead.dev/a';
const address: StatusChange = { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] };

let clock: VirtualClock;
let client: ScriptedClient;
let store: Store<Service>;
let writer: ServiceWriter;
let service: Service;

beforeEach(() => {
  clock = new VirtualClock();
  client = new ScriptedClient(clock);
  store = new Store<Service>();
  writer = new ServiceWriter(client, store, clock);
  service = client.create('web');
  store.put(service);
});

const lostBefore: Script = () => {
  throw new KubeError(0, 'Timeout', 'no answer');
};
const lostAfter: Script = (_request, execute) => {
  execute();
  throw new KubeError(0, 'Unreachable', 'connection reset');
};
const answers =
  (status: number, reason: string): Script =>
  () => {
    throw new KubeError(status, reason, reason);
  };

/** As somebody else does it, between our read and our write. */
const meanwhile =
  (act: () => void): Script =>
  (_request, execute) => {
    act();
    return execute();
  };

function annotate(): void {
  const now = client.get('web');
  client.put({ ...now, metadata: { ...now.metadata, annotations: { at: now.metadata.resourceVersion } } });
}

function kinds(): string {
  return client.requests.map(request => request.method).join(' ');
}

describe('a change', () => {
  test('is one strategic-merge patch of the status, and stands in the store at once', async () => {
    expect(await writer.change(service, () => address)).toBe('written');
    expect(client.requests).toMatchObject([
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/default/services/web/status',
        contentType: patchType.strategicMerge,
      },
    ]);
    expect(client.get('web').status?.loadBalancer?.ingress).toEqual(address.ingress);
    expect(store.get(key)).toEqual(client.get('web'));
  });

  test('that is so already is no write', async () => {
    await writer.change(service, () => address);
    expect(await writer.change(service, () => address)).toBe('same');
    expect(client.requests).toHaveLength(1);
  });

  test('that does not apply any more is no write', async () => {
    expect(await writer.change(service, () => undefined)).toBe('stale');
    expect(client.requests).toEqual([]);
  });

  test('is made for the newest version that the store has, not for the one it was planned with', async () => {
    annotate();
    store.put(client.get('web'));
    expect(await writer.change(service, () => address)).toBe('written');
    expect(kinds()).toBe('PATCH');
  });

  test('escapes what a tenant may have put into a name', async () => {
    const strange = { ...service, metadata: { ...service.metadata, name: '../web?x#' } };
    expect(await writer.change(strange, () => address)).toBe('gone');
    expect(client.requests[0]?.path).toBe('/api/v1/namespaces/default/services/..%2Fweb%3Fx%23/status');
  });

  test('keeps a finalizer that somebody else adds at the same time', async () => {
    const other = (): void => {
      const now = client.get('web');
      client.put({ ...now, metadata: { ...now.metadata, finalizers: ['x/y'] } });
    };
    client.next(meanwhile(other));
    expect(await writer.change(service, () => ({ addFinalizer: ours }))).toBe('written');
    expect(client.get('web').metadata.finalizers?.toSorted()).toEqual([ours, 'x/y']);
  });
});

describe('a conflict', () => {
  test('is answered by reading anew and asking again what to write, without a new plan', async () => {
    client.next(meanwhile(annotate));
    const seen: string[] = [];
    const written = await writer.change(service, current => {
      seen.push(current.metadata.annotations?.['at'] ?? '');
      return address;
    });
    expect(written).toBe('written');
    expect(kinds()).toBe('PATCH GET PATCH');
    expect(seen).toEqual(['', service.metadata.resourceVersion]);
    expect(store.get(key)).toEqual(client.get('web'));
  });

  test('lets go where what was read makes the change pointless', async () => {
    client.next(
      meanwhile(() =>
        client.putStatus({ ...client.get('web'), status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } }),
      ),
    );
    const written = await writer.change(service, current =>
      current.status?.loadBalancer?.ingress === undefined ? address : undefined,
    );
    expect(written).toBe('stale');
    expect(client.get('web').status?.loadBalancer?.ingress).toMatchObject([{ ip: '203.0.113.9' }]);
  });

  test('that does not exist, put in by a proxy, is survived', async () => {
    client.next(answers(409, 'Conflict'), (_request, execute) => execute(), answers(409, 'Conflict'));
    expect(await writer.change(service, () => address)).toBe('written');
    expect(kinds()).toBe('PATCH GET PATCH GET PATCH');
  });

  test('six times in a row is an error', async () => {
    client.next(
      ...Array.from(
        { length: 12 },
        (): Script => (request, execute) =>
          request.method === 'GET' ? execute() : answers(409, 'Conflict')(request, execute),
      ),
    );
    await expect(writer.change(service, () => address)).rejects.toMatchObject({ status: 409 });
    expect(client.writes).toHaveLength(6);
  });
});

describe('a Service that is gone', () => {
  test('by 404 is no error', async () => {
    client.delete('web');
    expect(await writer.change(service, () => address)).toBe('gone');
    expect(kinds()).toBe('PATCH');
  });

  test('between a conflict and the read is no error', async () => {
    client.next(
      answers(409, 'Conflict'),
      meanwhile(() => client.delete('web')),
    );
    expect(await writer.change(service, () => address)).toBe('gone');
  });

  test('and was made again under its name gets nothing of what was meant for the first', async () => {
    client.delete('web');
    const second = client.create('web');
    expect(await writer.change(service, () => address)).toBe('gone');
    expect(client.get('web')).toEqual(second);
  });

  test('and stands in the store as the second by now is still not the second', async () => {
    client.delete('web');
    const second = client.create('web');
    store.put(second);
    expect(await writer.change(service, () => address)).toBe('gone');
    expect(client.get('web')).toEqual(second);
  });
});

describe('a refusal', () => {
  test.each([
    [400, 'BadRequest'],
    [403, 'Forbidden'],
    [422, 'Invalid'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
  ])('by %i is thrown as it is, and not repeated', async (status, reason) => {
    client.next(answers(status, reason));
    await expect(writer.change(service, () => address)).rejects.toMatchObject({ status, reason });
    expect(kinds()).toBe('PATCH');
  });

  test('by the fence is thrown as it is', async () => {
    client.next(() => {
      throw new Error('no longer leader');
    });
    await expect(writer.change(service, () => address)).rejects.toThrow('no longer leader');
  });
});

describe('a write whose answer was lost', () => {
  test.each([
    ['executed', lostAfter, [{ ip: '192.0.2.1', ipMode: 'VIP' }]],
    ['not executed', lostBefore, undefined],
  ])('and was %s is known after the next read, before anything is decided', async (_name, lost, ingress) => {
    client.next(lost);
    await expect(writer.change(service, () => address)).rejects.toMatchObject({ status: 0 });
    expect(store.get(key)?.status?.loadBalancer?.ingress).toBeUndefined();
    await writer.isCertain(key);
    expect(store.get(key)).toEqual(client.get('web'));
    expect(store.get(key)?.status?.loadBalancer?.ingress).toEqual(ingress);
  });

  test.each([500, 502, 503, 504])('counts as lost after %i too: it may have been executed', async status => {
    client.next((_request, execute) => {
      execute();
      throw new KubeError(status, 'x', 'x');
    });
    await expect(writer.change(service, () => address)).rejects.toMatchObject({ status });
    await writer.isCertain(key);
    expect(store.get(key)).toEqual(client.get('web'));
  });

  test('counts as lost after anything that is not from the API server', async () => {
    client.next((_request, execute) => {
      execute();
      throw new Error('parse error');
    });
    await expect(writer.change(service, () => address)).rejects.toThrow('parse error');
    await writer.isCertain(key);
    expect(store.get(key)).toEqual(client.get('web'));
  });

  test('is read until the read succeeds, and then no more', async () => {
    client.next(lostAfter, lostBefore, answers(503, 'x'));
    await expect(writer.change(service, () => address)).rejects.toThrow(KubeError);
    await expect(writer.isCertain(key)).rejects.toThrow(KubeError);
    await expect(writer.isCertain(key)).rejects.toThrow(KubeError);
    await writer.isCertain(key);
    await writer.isCertain(key);
    expect(kinds()).toBe('PATCH GET GET GET');
  });

  test('is not read where the answer to a later write has told it', async () => {
    client.next(lostBefore);
    await expect(writer.change(service, () => address)).rejects.toThrow(KubeError);
    await writer.change(service, () => address);
    await writer.isCertain(key);
    expect(kinds()).toBe('PATCH PATCH');
  });

  test('of a Service that has gone since is no concern of anybody', async () => {
    client.next(lostAfter);
    await expect(writer.change(service, () => address)).rejects.toThrow(KubeError);
    client.delete('web');
    await expect(writer.isCertain(key)).resolves.toBe(false);
    store.remove(service);
    await expect(writer.isCertain(key)).resolves.toBe(true);
  });

  test('concerns its own key only', async () => {
    client.next(lostAfter);
    await expect(writer.change(service, () => address)).rejects.toThrow(KubeError);
    await writer.isCertain('default/other');
    expect(kinds()).toBe('PATCH');
  });

  test('nothing is read where nothing was lost', async () => {
    await writer.change(service, () => address);
    client.next(answers(422, 'Invalid'));
    await expect(writer.change(service, () => ({ ingress: [{ ip: '192.0.2.2' }] }))).rejects.toThrow('Invalid');
    await writer.isCertain(key);
    expect(kinds()).toBe('PATCH PATCH');
  });
});

describe('node ports', () => {
  beforeEach(() => {
    service = client.create('fill', { allocateLoadBalancerNodePorts: false });
    store.put(service);
  });

  test('are one JSON patch of the Service, and stand in the store at once', async () => {
    await writer.fillNodePorts(service, new Map([[0, 31_000]]));
    expect(client.requests).toMatchObject([
      { method: 'PATCH', path: '/api/v1/namespaces/default/services/fill', contentType: patchType.json },
    ]);
    expect(store.get(keyOf(service))?.spec.ports?.[0]?.nodePort).toBe(31_000);
    expect(store.get(keyOf(service))).toEqual(client.get('fill'));
  });

  test('are written onto the object as it was read, or not at all, and then it is read again', async () => {
    const now = client.get('fill');
    client.put({ ...now, spec: { ...now.spec, ports: [{ port: 81 }, { port: 80 }] } });
    await expect(writer.fillNodePorts(service, new Map([[0, 31_000]]))).rejects.toMatchObject({ status: 422 });
    expect(client.get('fill').spec.ports?.map(port => port.nodePort)).toEqual([undefined, undefined]);
    await writer.isCertain('default/fill');
    expect(store.get('default/fill')).toEqual(client.get('fill'));
  });
});

test('times are written in whole seconds, as the API server keeps them', async () => {
  await clock.run(1_999);
  expect(timestamp(clock)).toBe('2030-01-01T00:00:01Z');
});
