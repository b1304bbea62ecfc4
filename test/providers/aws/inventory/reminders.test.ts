import { expect, test } from 'vitest';
import { Reminders } from '../../../../providers/aws/inventory/reminders.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function stage() {
  const clock = new VirtualClock();
  const told: string[] = [];
  const reminders = new Reminders(clock, ids => told.push(...ids));
  return { clock, told, reminders };
}

test('a balancer is asked for once, at the last time that was set', async () => {
  const { clock, told, reminders } = stage();
  reminders.set('a', 100, 'first');
  reminders.set('a', 500, 'second');
  await clock.run(200);
  expect(told).toEqual([]);
  await clock.run();
  expect(told).toEqual(['a']);
});

test('what is cancelled, or of another leadership, asks for nothing', async () => {
  const { clock, told, reminders } = stage();
  reminders.set('a', 100, '');
  reminders.set('b', 100, '');
  reminders.set('c', 100, '');
  reminders.cancel('a');
  await clock.run(50);
  reminders.reset();
  await clock.run();
  expect(told).toEqual([]);
});
