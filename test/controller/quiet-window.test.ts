import { expect, test } from 'vitest';
import { QuietWindow } from '../../src/controller/quiet-window.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

function rig() {
  const clock = new VirtualClock();
  const told: number[] = [];
  const window = new QuietWindow(clock, { quietMs: 100, latestMs: 250 }, () => told.push(clock.monotonic()));
  return { clock, told, window };
}

test('changes that come together are told once, when it has been quiet', async () => {
  const { clock, told, window } = rig();
  window.touch();
  await clock.run(clock.monotonic() + 50);
  window.touch();
  await clock.run(clock.monotonic() + 1_000);
  expect(told).toEqual([150]);
  window.touch();
  await clock.run(clock.monotonic() + 1_000);
  expect(told).toHaveLength(2);
});

test('what never rests is told in time all the same', async () => {
  const { clock, told, window } = rig();
  for (let ms = 0; ms < 600; ms += 50) {
    window.touch();
    await clock.run(ms + 50);
  }
  expect(told.slice(0, 2)).toEqual([250, 500]);
});

test('what was cancelled is not told', async () => {
  const { clock, told, window } = rig();
  window.touch();
  window.cancel();
  await clock.run(1_000);
  expect(told).toEqual([]);
});
