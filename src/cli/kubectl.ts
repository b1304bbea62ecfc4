import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';

/** kubectl as the demo uses it. A command that fails throws with what it printed. */
export interface Kubectl {
  /** Runs a command and returns its output. */
  run(...args: readonly string[]): Promise<string>;
  /** Runs a command and shows it and its output. */
  show(...args: readonly string[]): Promise<void>;
  /** Shows a command and what it goes on printing, until it is stopped. */
  watch(...args: readonly string[]): { stop(): Promise<void> };
  /** Creates the objects, their status included. */
  apply(...objects: readonly object[]): Promise<void>;
  /** Repeats a command until its output is as wanted; throws after 30 s. */
  until(wanted: (output: string) => boolean, ...args: readonly string[]): Promise<void>;
}

const patienceMs = 30_000;

export function kubectlFor(binary: string, kubeconfig: string, signal: AbortSignal): Kubectl {
  const common = [`--kubeconfig=${kubeconfig}`];
  const run = async (args: readonly string[], input = ''): Promise<string> => {
    signal.throwIfAborted();
    const child = spawn(binary, [...common, ...args], { stdio: ['pipe', 'pipe', 'pipe'], signal });
    child.stdin.end(input);
    const exit = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
    const [code, output, errors] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${errors.trim()}`);
    return output;
  };
  return {
    run: (...args) => run(args),
    async show(...args) {
      process.stdout.write(`$ kubectl ${args.join(' ')}\n`);
      process.stdout.write(indented(await run(args)));
    },
    watch(...args) {
      process.stdout.write(`$ kubectl ${args.join(' ')} --watch\n`);
      const child = spawnGuarded(binary, [...common, ...args, '--watch'], { stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout?.on('data', (chunk: Buffer) => process.stdout.write(indented(chunk.toString())));
      const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
      return {
        async stop() {
          await pause(300);
          child.kill('SIGTERM');
          await ended;
        },
      };
    },
    async apply(...objects) {
      for (const object of objects) await run(['create', '--filename=-'], JSON.stringify(object));
    },
    async until(wanted, ...args) {
      const began = performance.now();
      while (!wanted(await run(args))) {
        if (performance.now() - began > patienceMs)
          throw new Error(`kubectl ${args.join(' ')}: not as expected after ${patienceMs / 1_000} s`);
        await pause(100);
      }
    },
  };
}

function indented(output: string): string {
  return output.replace(/^(?=.)/gm, '  ');
}
