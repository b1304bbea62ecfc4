/**
 * A worker as a speaker's: it waits in poll(2) for whatever comes, in a process whose main thread has other things to do.
 *
 * node worker.ts wake    writes how the worker was woken by this thread
 * node worker.ts crash   this thread throws while the worker waits
 */
import { once } from 'node:events';
import {
  isMainThread,
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { loadLibc } from '../../../providers/bare-metal/segment/libc.ts';
import { Poller } from '../../../providers/bare-metal/segment/poller.ts';
import { Wakeup, wake } from '../../../providers/bare-metal/segment/wakeup.ts';

interface Given {
  readonly port: MessagePort;
}

if (isMainThread) await main(process.argv[2] ?? '');
else await wait((workerData as Given).port);

async function main(what: string): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL(import.meta.url), { workerData: { port: port2 }, transferList: [port2] });
  const [fd] = (await once(port1, 'message')) as [number];
  if (what === 'crash') throw new Error('a crash while the worker waits');
  port1.postMessage('hello');
  port1.postMessage('bye');
  wake(fd);
  const [told] = (await once(port1, 'message')) as [readonly string[]];
  console.log(told.join(' '));
  await once(worker, 'exit');
  port1.close();
}

async function wait(port: MessagePort): Promise<void> {
  const libc = await loadLibc();
  const wakeup = new Wakeup(libc);
  const poller = new Poller(libc);
  poller.add(wakeup);
  port.postMessage(wakeup.fd);
  const told: unknown[] = [];
  while (!told.includes('bye')) {
    if (poller.wait(250).length === 0) continue;
    wakeup.drain();
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
      told.push(next.message);
  }
  wake(wakeup.fd);
  wake(wakeup.fd);
  wakeup.drain();
  // What was drained wakes nobody again.
  port.postMessage([...told, String(poller.wait(0).length)]);
  wakeup.close();
}
