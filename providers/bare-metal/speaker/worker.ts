/** The worker thread: everything that is on the wire. It has no event loop of its own: `SpeakerLoop` waits for frames. */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { loadLibc } from '../segment/libc.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { keepMemorySmall } from './small-memory.ts';
import { SpeakerLoop } from './speaker-loop.ts';

const { start, port } = workerData as { readonly start: WorkerStart; readonly port: MessagePort };
const libc = await loadLibc();
keepMemorySmall(libc);
new SpeakerLoop(libc, start, {
  take: () => receiveMessageOnPort(port)?.message as ToWorker | undefined,
  tell: (message: FromWorker) => port.postMessage(message),
  wall: () => Date.now(),
  random: () => Math.random(),
}).run();
port.close();
