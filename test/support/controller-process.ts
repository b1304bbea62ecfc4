import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const worldServer = fileURLToPath(new URL('world-server.ts', import.meta.url));

export const worldProvider = fileURLToPath(new URL('world-provider.ts', import.meta.url));

/** A process of the product, or of a test's world, that never outlives the test. */
export interface Running {
  readonly child: ChildProcess;
  /** Exit code; the negative of 1 for an end by signal. */
  readonly exit: Promise<number>;
  /** Everything it has printed so far. */
  output(): string;
}

export function startController(...flags: readonly string[]): Running {
  return running(
    spawnGuarded(process.execPath, [main, 'controller', '--listen=127.0.0.1:0', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Resolves to the URL that the world server prints. */
export async function startWorld(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [worldServer], { stdio: ['pipe', 'pipe', 'inherit'] });
  const world = running(child);
  const url = await new Promise<string>(resolve =>
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())),
  );
  return {
    url,
    async stop() {
      child.stdin.end();
      await world.exit;
    },
  };
}

export function running(child: ChildProcess): Running {
  const printed: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const exit = new Promise<number>(resolve => child.once('exit', code => resolve(code ?? -1)));
  return { child, exit, output: () => printed.join('') };
}
