import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../../providers/bare-metal/announcing/settings.ts';
import { seededRandom } from '../../../support/sim/random.ts';
import { Invariants } from './invariants.ts';
import { SimulatedSegment } from './simulated-segment.ts';

function segmentOf(nodes: number, addresses: number, loss = 0): { world: SimulatedSegment; invariants: Invariants } {
  const world = new SimulatedSegment({ nodes, random: seededRandom(nodes * 1_000 + addresses), loss });
  const everybody = world.nodes.map(({ name }) => name);
  for (let index = 1; index <= addresses; index++) world.set(`192.0.2.${index}`, everybody, true);
  const invariants = new Invariants(world);
  for (const node of world.nodes) world.start(node);
  world.runFor(2_000);
  return { world, invariants };
}

const owners = (world: SimulatedSegment): Record<string, string> =>
  Object.fromEntries(
    [...world.addresses.keys()].map(address => [
      address,
      world
        .answering(address, 0)
        .map(({ name }) => name)
        .join('+'),
    ]),
  );

const shares = (world: SimulatedSegment): readonly number[] =>
  world.nodes.map(({ name }) => Object.values(owners(world)).filter(owner => owner === name).length);

/** Milliseconds until a condition holds, at most `most`. */
function until(world: SimulatedSegment, most: number, holds: () => boolean): number {
  const start = world.now;
  while (!holds() && world.now - start < most) world.runFor(1);
  return world.now - start;
}

describe('a cluster that starts', () => {
  test('shares its addresses out evenly', () => {
    const { world, invariants } = segmentOf(3, 12);
    expect(shares(world)).toEqual([4, 4, 4]);
    expect(invariants.violations).toEqual([]);
  });

  test('leaves an address alone that a node with a fresh Lease may hold, until that one has been unheard for 10 s', () => {
    const world = new SimulatedSegment({ nodes: 2, random: seededRandom(1) });
    world.set('192.0.2.1', ['node-0', 'node-1'], true);
    world.set('192.0.2.2', ['node-0'], true);
    world.node(1).side = 1;
    for (const node of world.nodes) world.start(node);
    world.runFor(9_500);
    expect(owners(world)).toEqual({ '192.0.2.1': '', '192.0.2.2': 'node-0' });
    expect(world.node(0).announcing?.report().refusals).toEqual([
      { address: '192.0.2.1', reason: 'WaitingForNode', message: expect.stringContaining('node-1') },
    ]);
    world.runFor(1_500);
    expect(owners(world)['192.0.2.1']).toBe('node-0');
  });
});

describe('a node that dies', () => {
  test.each([0, 1, 2])('is followed within its timeout, three intervals and the settling (node %i)', dead => {
    const { world, invariants } = segmentOf(3, 30);
    world.kill(world.node(dead));
    const took = until(world, 2_000, () => Object.values(owners(world)).every(owner => owner !== ''));
    expect(took).toBeLessThanOrEqual(350 + 3 * 70 + 20 + 10);
    expect(shares(world).toSorted((a, b) => a - b)).toEqual([0, 15, 15]);
    expect(invariants.violations).toEqual([]);
  });

  test('and comes back moves nothing', () => {
    const { world, invariants } = segmentOf(3, 30);
    world.kill(world.node(0));
    world.runFor(12_000);
    const before = owners(world);
    world.start(world.node(0));
    world.runFor(30_000);
    expect(owners(world)).toEqual(before);
    expect(invariants.violations).toEqual([]);
  });

  test('and is restarted at once, takes back what it can without two answering', () => {
    const { world, invariants } = segmentOf(3, 30);
    world.kill(world.node(0));
    world.runFor(50);
    world.start(world.node(0));
    const took = until(world, 2_000, () => Object.values(owners(world)).every(owner => owner !== ''));
    expect(took).toBeLessThanOrEqual(350 + 3 * 70);
    expect(invariants.violations).toEqual([]);
  });
});

describe('a node that is preferred', () => {
  const preferring = (settings: Partial<Settings> = {}) => {
    const world = new SimulatedSegment({ nodes: 3, random: seededRandom(7), fault: { settings } });
    const everybody = world.nodes.map(({ name }) => name);
    for (let index = 1; index <= 12; index++) world.set(`192.0.2.${index}`, everybody, true, [0, 50, 20]);
    const invariants = new Invariants(world);
    for (const node of world.nodes) world.start(node);
    world.runFor(3_000);
    return { world, invariants };
  };

  test('takes everything where all start, and the next in line follows it', () => {
    const { world, invariants } = preferring();
    expect(shares(world)).toEqual([0, 12, 0]);
    world.kill(world.node(1));
    world.runFor(1_000);
    expect(shares(world)).toEqual([0, 0, 12]);
    expect(invariants.violations).toEqual([]);
  });

  test('gets nothing back because it comes, but without a gap after long in the same company', () => {
    const { world, invariants } = preferring({ levelAfterMs: 60_000 });
    world.kill(world.node(1));
    world.runFor(12_000);
    world.start(world.node(1));
    world.runFor(50_000);
    expect(shares(world)).toEqual([0, 0, 12]);
    let dark = 0;
    world.observe = () => {
      dark += Object.values(owners(world)).filter(owner => owner === '').length;
    };
    world.runFor(60_000);
    expect(shares(world)).toEqual([0, 12, 0]);
    expect(dark).toBe(0);
    expect(invariants.violations).toEqual([]);
  });

  test('goes on having what it is preferred for, however uneven that is', () => {
    const { world } = preferring({ levelAfterMs: 10_000 });
    world.runFor(60_000);
    expect(shares(world)).toEqual([0, 12, 0]);
  });

  test('is not waited for where it is no candidate any more', () => {
    const { world } = preferring();
    world.set('192.0.2.1', ['node-0', 'node-2'], true, [0, 20]);
    world.publish();
    world.runFor(2_000);
    expect(owners(world)['192.0.2.1']).toBe('node-2');
  });
});

describe('a node that leaves', () => {
  test('hands over without a gap, and nobody answers twice for more than 100 ms', () => {
    const { world, invariants } = segmentOf(3, 30);
    const node = world.node(0);
    let dark = 0;
    let double = 0;
    world.observe = () => {
      invariants.look();
      for (const owner of Object.values(owners(world))) {
        if (owner === '') dark++;
        if (owner.includes('+')) double++;
      }
    };
    node.leave();
    expect(until(world, 2_000, () => !node.isRunning)).toBeLessThan(200);
    expect(dark).toBe(0);
    expect(double).toBeGreaterThan(0);
    expect(shares(world)).toEqual([0, 15, 15]);
    expect(invariants.violations).toEqual([]);
  });

  test('goes at once where nobody else could take over', () => {
    const { world } = segmentOf(1, 3);
    const node = world.node(0);
    node.leave();
    expect(until(world, 2_000, () => !node.isRunning)).toBeLessThan(100);
  });
});

describe('a node that was stopped for longer than the timeout', () => {
  test('answers nothing when it goes on, and takes nothing back', () => {
    const { world, invariants } = segmentOf(2, 10);
    const node = world.node(0);
    node.stop();
    world.runFor(1_000);
    expect(shares(world)).toEqual([0, 10]);
    node.isStopped = false;
    expect([...world.addresses.keys()].some(address => node.answers(address))).toBe(false);
    node.run();
    world.runFor(30_000);
    expect(shares(world)).toEqual([0, 10]);
    expect(invariants.violations).toEqual([]);
  });
});

test('after a partition has healed, the older claim holds within a timeout', () => {
  const { world, invariants } = segmentOf(2, 60);
  const before = owners(world);
  world.node(1).side = 1;
  invariants.healed();
  world.runFor(5_000);
  expect(world.answering('192.0.2.1', 0)).toHaveLength(1);
  expect(world.answering('192.0.2.1', 1)).toHaveLength(1);
  world.node(1).side = 0;
  invariants.healed();
  const took = until(world, 2_000, () => Object.values(owners(world)).every(owner => !owner.includes('+')));
  expect(took).toBeLessThanOrEqual(350);
  expect(owners(world)).toEqual(before);
  expect(invariants.violations).toEqual([]);
});

test('a main thread that says nothing makes its node silent, and others take over', () => {
  const { world, invariants } = segmentOf(2, 10);
  invariants.disturb(world.node(0));
  world.node(0).mainUntil = world.now + 100;
  world.runFor(1_000);
  expect(shares(world)).toEqual([0, 10]);
});

describe('nodes that cannot hear each other although both have fresh Leases', () => {
  test('fall back on records: the older claim holds, and both are told of', () => {
    const { world } = segmentOf(2, 4);
    world.node(1).side = 1;
    for (let round = 0; round < 30; round++) {
      world.runFor(1_000);
      world.publish();
    }
    const [one, other] = world.nodes.map(node => [...world.addresses.keys()].filter(address => node.answers(address)));
    expect([...(one ?? []), ...(other ?? [])].toSorted()).toEqual([...world.addresses.keys()]);
    for (const node of world.nodes) {
      expect(node.announcing?.report().warnings).toEqual([
        { reason: 'HeartbeatsUnheard', message: expect.stringContaining(node === world.node(0) ? 'node-1' : 'node-0') },
      ]);
    }
  });

  test('but one that has just died is no such node, however fresh its Lease still is', () => {
    const { world, invariants } = segmentOf(2, 4);
    world.node(1).kill();
    for (let round = 0; round < 14; round++) {
      world.runFor(1_000);
      world.publish();
    }
    expect(shares(world)).toEqual([4, 0]);
    expect(invariants.violations).toEqual([]);
  });
});

describe('an address that somebody else has', () => {
  test('is not announced for the first time: each candidate finds the host out, and says its MAC', () => {
    const { world } = segmentOf(2, 1);
    world.hosts.set('192.0.2.9', '02:aa:00:00:00:01');
    world.set('192.0.2.9', ['node-0', 'node-1'], false);
    world.publish();
    world.runFor(3_000);
    expect(world.answering('192.0.2.9', 0)).toEqual([]);
    for (const node of world.nodes) {
      expect(node.announcing?.report().conflicts).toEqual([
        { address: '192.0.2.9', mac: '02:aa:00:00:00:01', isFirst: true },
      ]);
    }
    world.hosts.clear();
    world.runFor(32_000);
    expect(world.answering('192.0.2.9', 0)).toHaveLength(1);
  });

  test('and was announced before, is defended, once in 10 s', () => {
    const { world } = segmentOf(1, 1);
    const node = world.node(0);
    const said: string[] = [];
    const send = world.send.bind(world);
    world.send = (from, frame) => {
      if (frame.kind === 'sighting' && frame.sighting.kind === 'uses') said.push(frame.sighting.address);
      send(from, frame);
    };
    world.runFor(5_000);
    said.length = 0;
    for (let round = 0; round < 5; round++) {
      node.receive({ kind: 'sighting', sighting: { kind: 'uses', address: '192.0.2.1', mac: '02:aa:00:00:00:01' } });
      world.runFor(1_000);
    }
    expect(said).toEqual(['192.0.2.1']);
    expect(node.answers('192.0.2.1')).toBe(true);
    expect(node.announcing?.report().conflicts).toEqual([
      { address: '192.0.2.1', mac: '02:aa:00:00:00:01', isFirst: false },
    ]);
    world.runFor(61_000);
    expect(node.announcing?.report().conflicts).toEqual([]);
  });

  test('unless it is a peer: that is settled by claims', () => {
    const { world } = segmentOf(2, 2);
    const [one, other] = world.nodes;
    const address = [...world.addresses.keys()].find(text => one?.answers(text) === true) ?? '';
    one?.receive({ kind: 'sighting', sighting: { kind: 'uses', address, mac: other?.mac ?? '' } });
    world.runFor(100);
    expect(one?.announcing?.report().conflicts).toEqual([]);
  });
});

test('candidates decide: none, nobody answers; another one, it moves without a gap', () => {
  const { world, invariants } = segmentOf(2, 1);
  const [owner] = world.answering('192.0.2.1', 0);
  const other = world.nodes.find(node => node !== owner);
  invariants.changed('192.0.2.1');
  world.set('192.0.2.1', [other?.name ?? ''], true);
  let dark = 0;
  world.observe = () => {
    if (world.answering('192.0.2.1', 0).length === 0) dark++;
  };
  world.publish();
  world.runFor(1_000);
  expect(owners(world)['192.0.2.1']).toBe(other?.name);
  expect(dark).toBe(0);
  world.set('192.0.2.1', [], true);
  world.publish();
  world.runFor(1_000);
  expect(owners(world)['192.0.2.1']).toBe('');
});

test('an address that is gone from the view is answered for no more', () => {
  const { world } = segmentOf(2, 2);
  world.addresses.delete('192.0.2.1');
  world.publish();
  world.runFor(1_000);
  expect(world.answering('192.0.2.1', 0)).toEqual([]);
  expect(world.answering('192.0.2.2', 0)).toHaveLength(1);
});

test('two nodes of the same seed come to the same end, event by event', () => {
  const told = () => {
    const { world } = segmentOf(3, 20, 0.05);
    world.kill(world.node(1));
    world.runFor(5_000);
    return owners(world);
  };
  expect(told()).toEqual(told());
});
