import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { spawnGuarded } from '../../../deploy/local-cluster/guarded-process.mjs';
import type { Counts } from '../counted-provider.ts';
import { poll, within } from '../deadline.ts';
import { cpuMs, memoryMb } from './usage.ts';

/** Longer than fairlead's --shutdown-grace. */
const stopLimitMs = 20_000;

export interface ContenderOptions {
  /** A program and its arguments. */
  readonly command: readonly string[];
  readonly logFile: string;
  readonly metricsUrl?: string;
  /** Told of an end that neither `stop` nor `kill` has asked for. */
  readonly onFailure: (error: Error) => void;
}

/** A process under measurement: fairlead or the bare loop. */
export class Contender {
  readonly spawnedAt: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #logFile: string;
  readonly #metricsUrl: string | undefined;
  #isEnding = false;

  constructor({ command, logFile, metricsUrl, onFailure }: ContenderOptions) {
    this.#logFile = logFile;
    this.#metricsUrl = metricsUrl;
    // A file, since reading a pipe would cost this process time that it takes from both.
    const [program = '', ...args] = command;
    const log = openSync(logFile, 'w');
    this.spawnedAt = performance.now();
    this.#child = spawnGuarded(program, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#exited = new Promise(resolve => {
      this.#child.once('exit', () => {
        if (!this.#isEnding)
          onFailure(new Error(`the process has ended by itself; the end of its log:\n${this.#logEnd()}`));
        resolve();
      });
    });
  }

  get pid(): number {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) return pid;
    throw new Error(`the process has ended (${exitCode ?? signalCode}); the end of its log:\n${this.#logEnd()}`);
  }

  cpuMs(): number {
    return cpuMs(this.pid);
  }

  memoryMb(): { readonly now: number; readonly peak: number } {
    return memoryMb(this.pid);
  }

  /** Waits for an end in good order. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill('SIGTERM');
    try {
      await within(stopLimitMs, 'an end after SIGTERM', this.#exited);
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw new Error(`${String(error)}; the end of its log:\n${this.#logEnd()}`, { cause: error });
    }
  }

  async kill(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill('SIGKILL');
    await within(5_000, 'an end after SIGKILL', this.#exited);
  }

  /** What `counted-provider.ts` has counted. */
  async counts(): Promise<Counts> {
    const before = this.#countLines().length;
    process.kill(this.pid, 'SIGUSR2');
    return poll({ limitMs: 5_000, everyMs: 20, what: 'counts of the provider' }, () => {
      const line = this.#countLines()[before];
      return line === undefined ? undefined : (JSON.parse(line) as { counts: Counts }).counts;
    });
  }

  /** The sum of a metric's series that hold all of `labels`, such as `verb="ensure"`. */
  async metric(name: string, ...labels: readonly string[]): Promise<number> {
    if (this.#metricsUrl === undefined) throw new Error('the bare loop has no metrics');
    const text = await (await fetch(this.#metricsUrl, { signal: AbortSignal.timeout(5_000) })).text();
    const series = text
      .split('\n')
      .filter(
        line =>
          (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && labels.every(label => line.includes(label)),
      );
    return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  #countLines(): readonly string[] {
    return this.#log()
      .split('\n')
      .filter(line => line.includes('"counts":') && line.endsWith('}'));
  }

  #logEnd(): string {
    return this.#log().slice(-2_000);
  }

  #log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }
}
