import { beforeEach, describe, expect, test } from 'vitest';
import { NodePortFiller } from '../../src/controller/node-port-filler.ts';
import type { Outcome } from '../../src/controller/outcome.ts';
import { ServiceWriter } from '../../src/controller/service-writer.ts';
import { KubeError } from '../../src/kube/client.ts';
import { keyOf, type Service, type ServicePort } from '../../src/kube/objects.ts';
import { Store } from '../../src/kube/store.ts';
import { defaultNodePortRange, type PortRange } from '../../src/plan/node-ports.ts';
import { type Script, ScriptedClient } from '../support/scripted-client.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

const forbidden = { allocateLoadBalancerNodePorts: false };

let client: ScriptedClient;
let store: Store<Service>;
let writer: ServiceWriter;
let results: string[];

function start(nodePorts: PortRange = defaultNodePortRange): void {
  client = new ScriptedClient(new VirtualClock(), nodePorts);
  store = new Store<Service>();
  writer = new ServiceWriter(client, store, new VirtualClock());
  results = [];
}

beforeEach(() => start());

function filler(range: PortRange = defaultNodePortRange): NodePortFiller {
  return new NodePortFiller({ writer, random: () => 0, range, observe: result => results.push(result) });
}

function bare(name = 'web', ports: readonly ServicePort[] = [{ port: 80 }]): Service {
  const service = client.create(name, { ...forbidden, ports });
  store.put(service);
  return service;
}

function numbers(name = 'web'): readonly (number | undefined)[] {
  return (client.get(name).spec.ports ?? []).map(port => port.nodePort);
}

function failing({ report, reportNotice, next }: Outcome): unknown {
  return [report?.state, report !== undefined && 'reason' in report ? report.reason : '', reportNotice?.type, next.do];
}

const refuses =
  (status: number, message: string, field?: string): Script =>
  () => {
    const causes = field === undefined ? {} : { causes: [{ field, message }] };
    throw new KubeError(status, status === 422 ? 'Invalid' : 'x', message, causes);
  };

const isFailing = ['failing', 'NodePortsNotAllocated', 'Warning', 'back-off'];

describe('node ports are filled in', () => {
  test('all in one write, the same for all protocols of a port, and the Service is planned again', async () => {
    const service = bare('web', [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'web', port: 80 },
    ]);
    const outcome = await filler().fill(service);
    expect(outcome.next).toEqual({ do: 'again' });
    expect(outcome.notices).toMatchObject([
      { type: 'Normal', reason: 'NodePortsAllocated', message: expect.stringContaining('80=') },
    ]);
    expect(numbers()).toEqual([30_086, 30_086, 30_087]);
    expect(client.writes).toHaveLength(1);
    expect(client.get('web').spec.allocateLoadBalancerNodePorts).toBe(false);
    expect(results).toEqual(['allocated']);
  });

  test('around those that are there', async () => {
    await filler().fill(
      bare('web', [
        { name: 'a', port: 80, nodePort: 31_000 },
        { name: 'b', port: 81 },
      ]),
    );
    expect(numbers()).toEqual([31_000, 30_086]);
  });

  test('and come back after a replaced manifest has dropped them', async () => {
    await filler().fill(bare());
    const now = client.get('web');
    client.put({ ...now, spec: { ...now.spec, ports: [{ port: 80, protocol: 'TCP' }] } });
    expect(numbers()).toEqual([undefined]);
    const other = bare('other');
    await filler().fill(client.get('web'));
    expect(numbers()).toEqual([30_086]);
    await filler().fill(other);
    expect(numbers('other')).toEqual([30_087]);
  });
});

describe('a number that the API server refuses', () => {
  test('because another Service has it is followed by another', async () => {
    client.create('first', { ports: [{ port: 80, nodePort: 30_086 }] });
    client.create('second', { ports: [{ port: 80, nodePort: 30_087 }] });
    expect((await filler().fill(bare())).next).toEqual({ do: 'again' });
    expect(numbers()).toEqual([30_088]);
    expect(results).toEqual(['taken', 'taken', 'allocated']);
  });

  test('because its range is another teaches the range, also for the next Service', async () => {
    start({ first: 20_000, last: 20_099 });
    const one = filler();
    await one.fill(bare('web'));
    expect(numbers()).toEqual([20_016]);
    await one.fill(bare('other'));
    expect(numbers('other')).toEqual([20_017]);
    expect(results).toEqual(['taken', 'allocated', 'taken', 'allocated']);
  });

  test('sixteen times is a failure that says what to do, and writes no more', async () => {
    for (let index = 0; index < 40; index++)
      client.create(`s${index}`, { ports: [{ port: 80, nodePort: 30_086 + index }] });
    const outcome = await filler().fill(bare());
    expect(failing(outcome)).toEqual(isFailing);
    expect(outcome.message).toContain('--service-node-port-range');
    expect(client.writes).toHaveLength(16);
    expect(numbers()).toEqual([undefined]);
  });

  test('where none is left to propose is a failure at once', async () => {
    const outcome = await filler({ first: 30_000, last: 30_000 }).fill(
      bare('web', [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
      ]),
    );
    expect(failing(outcome)).toEqual(isFailing);
    expect(client.writes).toEqual([]);
    expect(results).toEqual(['failed']);
  });
});

describe('an answer', () => {
  const rows: readonly (readonly [string, Script, unknown, string])[] = [
    ['403: the role', refuses(403, 'forbidden'), isFailing, 'patch on services'],
    [
      '500: no number is left',
      refuses(500, 'failed to allocate a nodePort: range is full'),
      isFailing,
      '--service-node-port-range',
    ],
    ['409: somebody has written', refuses(409, 'conflict'), [undefined, '', undefined, 'again'], 'changed'],
    [
      '422 of the test of the patch',
      refuses(422, 'the server rejected our request'),
      [undefined, '', undefined, 'again'],
      'changed',
    ],
    ['422 of another field', refuses(422, 'x', 'spec.clusterIPs'), [undefined, '', undefined, 'again'], 'changed'],
  ];

  test.each(rows)('%s', async (_name, script, expected, message) => {
    const service = bare();
    client.next(script);
    const outcome = await filler().fill(service);
    expect(failing(outcome)).toEqual(expected);
    expect(outcome.message).toContain(message);
    expect(client.writes).toHaveLength(1);
  });

  test.each([
    [0, 'Timeout'],
    [404, 'NotFound'],
    [500, 'etcd is away'],
    [503, 'ServiceUnavailable'],
  ])('%i %s is not about node ports, and thrown', async (status, message) => {
    const service = bare();
    client.next(refuses(status, message));
    await expect(filler().fill(service)).rejects.toMatchObject({ status });
  });

  test('that is not the API server’s is thrown', async () => {
    const service = bare();
    client.next(() => {
      throw new Error('no longer leader');
    });
    await expect(filler().fill(service)).rejects.toThrow('no longer leader');
  });
});

describe('somebody who edits the ports at the same time', () => {
  test('loses nothing, and no number lands on another port', async () => {
    const service = bare('web', [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ]);
    const edited = client.get('web');
    client.put({
      ...edited,
      spec: {
        ...edited.spec,
        ports: [
          { name: 'b', port: 81, protocol: 'TCP' },
          { name: 'c', port: 82, protocol: 'TCP' },
        ],
      },
    });
    expect((await filler().fill(service)).next).toEqual({ do: 'again' });
    expect(client.get('web').spec.ports).toMatchObject([{ port: 81 }, { port: 82 }]);
    expect(numbers()).toEqual([undefined, undefined]);
    // The next attempt begins with what is there.
    await writer.isCertain(keyOf(service));
    await filler().fill(store.get(keyOf(service)) ?? service);
    expect(numbers()).toEqual([30_086, 30_087]);
  });
});
