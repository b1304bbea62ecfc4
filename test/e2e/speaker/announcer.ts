/**
 * A speaker without an API server: the announcer of bare metal, with views from standard input. A line is a command in JSON, and so is
 * each line that comes out. node announcer.ts <node> <boot id> <key> [<settings in JSON>]
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createAnnouncer } from '../../../providers/bare-metal/speaker/create-announcer.ts';
import type { AnnouncerView } from '../../../src/provider/announcer.ts';

const [node = '', key = '', settings = '{}'] = process.argv.slice(2);

const announcer = await createAnnouncer(
  {
    cluster: 'e2e',
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      after(ms, run) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    log: { info: () => {}, warn: (fields, message) => say({ warned: message, ...fields }) },
  },
  {
    node,
    bootId: randomUUID(),
    key: key === '' ? undefined : Buffer.from(key),
    changed: () => say({ report: announcer.report() }),
  },
  { settings: JSON.parse(settings), freeAddresses: () => free },
);
let free: readonly string[] = [];

export type Command =
  | { readonly view: AnnouncerView }
  | { readonly free: readonly string[] }
  | { readonly leave: number }
  | { readonly wedge: number }
  | { readonly ping: true }
  | { readonly crash: 'throw' | 'exit' }
  | { readonly close: true };

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function obey(command: Command): Promise<void> {
  if ('view' in command) announcer.update(command.view);
  if ('free' in command) {
    free = command.free;
    announcer.poolsChanged();
  }
  if ('ping' in command) await announcer.ping();
  if ('leave' in command) {
    await announcer.leave(command.leave);
    await announcer.close();
    process.exit();
  }
  if ('wedge' in command) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.wedge);
  if ('close' in command) await announcer.close();
  if ('crash' in command && command.crash === 'exit') process.exit(3);
  if ('crash' in command)
    setImmediate(() => {
      throw new Error('as asked');
    });
  say({ done: command, counts: announcer.counts?.() });
}

say({ ready: true });
createInterface({ input: process.stdin }).on('line', line => void obey(JSON.parse(line) as Command));
process.on('SIGTERM', () => void obey({ leave: 2_000 }));
