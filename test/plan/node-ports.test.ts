import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import type { Service, ServicePort } from '../../src/kube/objects.ts';
import {
  defaultNodePortRange,
  dynamicBand,
  hasMissingNodePorts,
  type NodePortProposal,
  nodePortPatch,
  proposeNodePorts,
} from '../../src/plan/node-ports.ts';
import { service } from '../support/objects.ts';
import { jsonPatch } from '../support/sim/api-patch.ts';

const annotation = 'fairlead.dev/node-ports';
const range = defaultNodePortRange;
const none: ReadonlySet<number> = new Set();

function withPorts(ports: readonly ServicePort[], remembered?: string): Service {
  return service({
    metadata: remembered === undefined ? {} : { annotations: { [annotation]: remembered } },
    spec: { ports },
  });
}

function proposed(given: Service, random = 0, refused = none): readonly (number | undefined)[] {
  const proposal = proposeNodePorts(given, range, () => random, refused);
  return (given.spec.ports ?? []).map((_, index) => proposal.get(index));
}

describe('the band in which ports are drawn', () => {
  // KEP-3668; the examples of reference row P4.
  const rows: readonly (readonly [number, number, number])[] = [
    [30_000, 32_767, 30_086],
    [20_000, 32_767, 20_128],
    [32_567, 32_767, 32_583],
    [30_000, 30_015, 30_000],
    [30_000, 30_016, 30_016],
    [30_000, 30_000, 30_000],
    [1, 65_535, 129],
  ];

  test.each(rows)('of %i–%i begins at %i', (first, last, begins) => {
    expect(dynamicBand({ first, last })).toEqual({ first: begins, last });
  });
});

describe('node ports are missing', () => {
  test.each([
    [[{ port: 80 }], true],
    [[{ port: 80, nodePort: 0 }], true],
    [[{ port: 80, nodePort: 30_080 }], false],
    [[{ port: 80, nodePort: 30_080 }, { port: 81 }], true],
    [[], false],
  ])('%j: %s', (ports, missing) => {
    expect(hasMissingNodePorts(withPorts(ports))).toBe(missing);
  });
});

describe('a proposal', () => {
  const tcp = { port: 53, protocol: 'TCP' as const };
  const udp = { port: 53, protocol: 'UDP' as const };

  test('is drawn from the whole band by chance, and goes round at its end', () => {
    const one = withPorts([{ port: 80 }]);
    expect(proposed(one, 0)).toEqual([30_086]);
    expect(proposed(one, 0.9999999)).toEqual([32_767]);
    expect(proposed(one, 0.9999999, new Set([32_767]))).toEqual([30_086]);
  });

  test('gives all protocols of one port the same number', () => {
    expect(proposed(withPorts([tcp, udp]))).toEqual([30_086, 30_086]);
    expect(proposed(withPorts([{ ...tcp, nodePort: 31_000 }, udp]))).toEqual([undefined, 31_000]);
    expect(proposed(withPorts([udp, { ...tcp, nodePort: 31_000 }]))).toEqual([31_000, undefined]);
  });

  test('but not where that protocol has the number already', () => {
    const given = withPorts([{ ...tcp, nodePort: 31_000 }, udp, { port: 80, protocol: 'UDP', nodePort: 31_000 }]);
    expect(proposed(given)).toEqual([undefined, 30_086, undefined]);
  });

  test('but not where the API server has refused it', () => {
    expect(proposed(withPorts([{ ...tcp, nodePort: 31_000 }, udp]), 0, new Set([31_000]))).toEqual([undefined, 30_086]);
  });

  test('is what the Service had before, also outside the band', () => {
    expect(proposed(withPorts([{ port: 80 }, { port: 81 }], '80=30005,81=32001'))).toEqual([30_005, 32_001]);
  });

  test('is another where that was refused, or is in use', () => {
    expect(proposed(withPorts([{ port: 80 }], '80=30005'), 0, new Set([30_005]))).toEqual([30_086]);
    expect(proposed(withPorts([{ port: 80 }, { port: 81, nodePort: 30_005 }], '80=30005'))).toEqual([
      30_086,
      undefined,
    ]);
  });

  test.each([
    '',
    'x',
    '80',
    '80=',
    '=1',
    '80=x',
    '80=123456',
    '080x=30005',
    '-80=30005',
    '80=30005x',
    ',,,',
    `${'1=2,'.repeat(2_000)}80=30005`,
  ])('reads nothing out of the memory %.20j', text => {
    expect(proposed(withPorts([{ port: 80 }], text))).toEqual([30_086]);
  });

  test('is empty where a port would be left without one', () => {
    const tight = { first: 30_000, last: 30_001 };
    const three = withPorts([{ port: 1 }, { port: 2 }, { port: 3 }]);
    expect(proposeNodePorts(three, tight, () => 0, none).size).toBe(0);
    expect(proposeNodePorts(withPorts([{ port: 1 }, { port: 2 }]), tight, () => 0, none).size).toBe(2);
  });
});

const protocol = fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const);
const ports = fc.uniqueArray(
  fc.record({
    port: fc.integer({ min: 1, max: 5 }),
    protocol,
    nodePort: fc.constantFrom(0, 0, 0, 30_090, 30_091, 30_092),
  }),
  {
    maxLength: 8,
    // The API server lets no two ports of one protocol have one number or one port.
    comparator: (a, b) =>
      a.protocol === b.protocol && (a.port === b.port || (a.nodePort !== 0 && a.nodePort === b.nodePort)),
  },
);
const memory = fc.option(
  fc
    .dictionary(fc.constantFrom('1', '2', '3'), fc.integer({ min: 30_080, max: 30_100 }), { noNullPrototype: true })
    .map(all =>
      Object.entries(all)
        .map(one => one.join('='))
        .join(),
    ),
  { nil: undefined },
);
const small = fc.record({ first: fc.constant(30_070), last: fc.integer({ min: 30_070, max: 30_120 }) });
const refusedNumbers = fc.uniqueArray(fc.integer({ min: 30_086, max: 30_100 })).map(list => new Set(list));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('whatever the Service, a proposal', () => {
  const cases = fc.record({ ports, memory, range: small, refused: refusedNumbers, chance });
  type Case = typeof cases extends fc.Arbitrary<infer One> ? One : never;

  function propose(given: Case): { before: Service; proposal: NodePortProposal; after: readonly ServicePort[] } {
    const before = withPorts(given.ports, given.memory);
    const proposal = proposeNodePorts(before, given.range, () => given.chance, given.refused);
    return {
      before,
      proposal,
      after: given.ports.map((port, index) => ({ ...port, nodePort: proposal.get(index) ?? port.nodePort })),
    };
  }

  test('fills all that is missing or nothing, and changes no number that is there', () => {
    fc.assert(
      fc.property(cases, given => {
        const { proposal } = propose(given);
        const missing = given.ports.flatMap((port, index) => (port.nodePort === 0 ? [index] : []));
        expect([[], missing]).toContainEqual([...proposal.keys()]);
        // Nothing only where the band has less room than is asked for.
        const band = dynamicBand(given.range);
        const room = band.last - band.first + 1 - given.refused.size - 3;
        expect(proposal.size === missing.length || room < missing.length).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('gives no number twice to one protocol, nor one number to two ports that it fills', () => {
    fc.assert(
      fc.property(cases, given => {
        const { proposal, after } = propose(given);
        if (proposal.size === 0) return;
        const taken = after.map(port => `${port.protocol} ${port.nodePort}`);
        expect(new Set(taken).size).toBe(taken.length);
        const portsOf = Map.groupBy(proposal, ([, number]) => number);
        for (const [, filled] of portsOf)
          expect(new Set(filled.map(([index]) => given.ports[index]?.port)).size).toBe(1);
      }),
      { numRuns: 2_000 },
    );
  });

  test('stays in the band, but for what is remembered or shared, and keeps away from what was refused', () => {
    fc.assert(
      fc.property(cases, given => {
        const { proposal } = propose(given);
        const band = dynamicBand(given.range);
        const known = new Set([...(given.memory?.matchAll(/=(\d+)/g) ?? [])].map(one => Number(one[1])));
        for (const port of given.ports) known.add(port.nodePort);
        for (const number of proposal.values()) {
          expect(known.has(number) || (number >= band.first && number <= band.last)).toBe(true);
          expect(given.refused.has(number)).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('written by its patch is there, with a memory that brings the same numbers back', () => {
    fc.assert(
      fc.property(cases, given => {
        const { before, proposal, after } = propose(given);
        if (proposal.size === 0) return;
        const written = jsonPatch(before, nodePortPatch(before, proposal)) as Service;
        expect(written.spec.ports).toEqual(after);
        expect({ ...written.spec, ports: [] }).toEqual({ ...before.spec, ports: [] });
        // A replaced manifest: the numbers are gone, the annotation has stayed.
        // A hint has room for one number a port, and two ports of one number do not both ask for it.
        const pairs = new Set(after.map(port => `${port.port}=${port.nodePort}`));
        const isOneEach = [(port: ServicePort) => port.port, (port: ServicePort) => port.nodePort].every(
          part => new Set(after.map(part)).size === pairs.size,
        );
        if (!isOneEach) return;
        const replaced = withPorts(
          given.ports.map(port => ({ ...port, nodePort: 0 })),
          written.metadata.annotations?.[annotation],
        );
        const again = proposeNodePorts(replaced, given.range, () => 0, none);
        expect([...again.values()]).toEqual(after.map(port => port.nodePort));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the patch', () => {
  const given = withPorts([
    { port: 80, protocol: 'TCP' },
    { port: 443, protocol: 'TCP', nodePort: 30_443 },
  ]);
  const patch = nodePortPatch(given, new Map([[0, 31_000]]));

  test('fits the very object that was read, and names what it fills', () => {
    const tests = patch.filter(one => one.op === 'test').map(one => one.path);
    expect(tests).toEqual([
      '/metadata/uid',
      '/metadata/resourceVersion',
      '/spec/ports/0/port',
      '/spec/ports/0/protocol',
    ]);
    const paths = patch.filter(one => one.op === 'add').map(one => one.path);
    expect(paths).toEqual([
      '/spec/ports/0/nodePort',
      '/metadata/annotations',
      '/metadata/annotations/fairlead.dev~1node-ports',
    ]);
  });

  test.each<readonly [string, Service]>([
    ['another uid', { ...given, metadata: { ...given.metadata, uid: 'x' } }],
    ['another version', { ...given, metadata: { ...given.metadata, resourceVersion: '11' } }],
    ['other ports', { ...given, spec: { ...given.spec, ports: [{ port: 81, protocol: 'TCP' }] } }],
    ['the ports in another order', { ...given, spec: { ...given.spec, ports: (given.spec.ports ?? []).toReversed() } }],
  ])('does not fit %s', (_name, other) => {
    expect(() => jsonPatch(other, patch)).toThrow(KubeError);
  });

  test('keeps the annotations that are there', () => {
    const annotated = service({ metadata: { annotations: { 'x/y': 'z' } }, spec: { ports: [{ port: 80 }] } });
    const after = jsonPatch(
      { ...annotated, spec: { ports: [{ port: 80, protocol: 'TCP' }] } },
      nodePortPatch(annotated, new Map([[0, 31_000]])),
    ) as Service;
    expect(after.metadata.annotations).toEqual({ 'x/y': 'z', [annotation]: '80=31000' });
  });
});
