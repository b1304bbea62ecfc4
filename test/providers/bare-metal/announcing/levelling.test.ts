import { expect, test } from 'vitest';
import { chooseReceiver } from '../../../../providers/bare-metal/announcing/claims/choose-moves.ts';
import { seededRandom } from '../../../support/sim/random.ts';
import { Invariants } from './invariants.ts';
import { SimulatedSegment } from './simulated-segment.ts';

test.each<[string, number, Record<string, number>, string | undefined]>([
  ['a small difference stays', 10, { b: 3 }, undefined],
  ['a small ratio stays', 30, { b: 22 }, undefined],
  ['the least loaded takes', 30, { b: 12, c: 2 }, 'c'],
  ['nobody is there', 30, {}, undefined],
])('%s', (_row, own, loads, receiver) => {
  expect(chooseReceiver(own, new Map([['a', own], ...Object.entries(loads)]))).toBe(receiver);
});

test('after long in the same company, one address a second goes over without a gap, until it is even enough', () => {
  const world = new SimulatedSegment({
    nodes: 2,
    random: seededRandom(3),
    fault: { settings: { levelAfterMs: 20_000 } },
  });
  const [one, other] = [world.node(0), world.node(1)];
  for (let index = 1; index <= 30; index++) world.set(`192.0.2.${index}`, [one.name, other.name], true);
  const addresses = [...world.addresses.keys()];
  const sharesOf = () => [one, other].map(node => addresses.filter(address => node.answers(address)).length);
  world.start(one);
  world.runFor(12_000);
  world.start(other);
  world.runFor(19_000);
  expect(sharesOf()).toEqual([30, 0]);
  const invariants = new Invariants(world);
  let dark = 0;
  world.observe = () => {
    dark += addresses.filter(address => world.answering(address, 0).length === 0).length;
  };
  world.runFor(60_000);
  expect(sharesOf()).toEqual([18, 12]);
  expect(dark).toBe(0);
  expect(invariants.violations).toEqual([]);
});
