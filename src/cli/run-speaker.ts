import { setFlagsFromString } from 'node:v8';
import type { Config } from '../config/options.ts';

/**
 * A speaker runs on every node, and has the time to make do with less than V8 would take. Pages that V8 has used once stay resident for
 * long, so the highest level is what counts. With 5,000 addresses that come one by one these three make 20 MB of 170.
 */
const smallHeap = [
  // V8 lets a small heap grow to four times what is used in it.
  '--heap-growing-percent=20',
  // The young generation stays as small as it begins; the program's first line allows more, for the controller.
  '--semi-space-growth-factor=1',
  // undici's parser of HTTP is one enormous function of WebAssembly: to optimise it takes some megabytes that never come back.
  '--no-wasm-dynamic-tiering',
];

/** The speaker role: V8 is told before anything is loaded that it would spread itself for. */
export async function runSpeaker(config: Config): Promise<0 | 1> {
  for (const flag of smallHeap) setFlagsFromString(flag);
  const { runSpeakerProcess } = await import('./speaker-process.ts');
  return runSpeakerProcess(config);
}
