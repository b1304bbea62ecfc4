import { setTimeout as pause } from 'node:timers/promises';

const usualPatienceMs = 20_000;

/** Polls until it is so; what never comes true fails with its name and the detail. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  detail = (): string => '',
  patienceMs = usualPatienceMs,
): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > patienceMs)
      throw new Error(`after ${patienceMs / 1_000} s it is not so that ${what}\n${detail()}`);
    await pause(20);
  }
}
