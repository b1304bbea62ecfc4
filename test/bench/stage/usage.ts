import { readdirSync, readFileSync } from 'node:fs';

/** A tick of /proc is 10 ms: USER_HZ is 100 on every architecture that Node runs on (proc(5), sysconf(3)). */
const msPerTick = 10;

interface Stat {
  readonly parent: number;
  readonly ownMs: number;
  readonly waitedForMs: number;
}

/** User and system time of a living process so far, all its threads together. */
export function cpuMs(pid: number): number {
  return statOf(pid)?.ownMs ?? fail(pid);
}

/** Resident now, and at most so far. */
export function memoryMb(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Accumulated since the machine's start; interrupts are left out, since nobody can say whose they are. */
export function machineCpuMs(): { readonly busy: number; readonly stolen: number } {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = first.trim().split(/\s+/).slice(1).map(Number);
  return { busy: (user + nice + system) * msPerTick, stolen: steal * msPerTick };
}

/** Of this process, its children, and those of them that have ended. */
export function ownCpuMs(): number {
  const own = statOf(process.pid);
  const children = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => statOf(Number(name)))
    .filter(stat => stat?.parent === process.pid);
  return [own, ...children].reduce((sum, stat) => sum + (stat?.ownMs ?? 0) + (stat?.waitedForMs ?? 0), 0);
}

/** proc_pid_stat(5). Undefined for a process that has gone. */
function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command's name, in parentheses, may hold anything; the third field follows it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    parent: field(4),
    ownMs: (field(14) + field(15)) * msPerTick,
    waitedForMs: (field(16) + field(17)) * msPerTick,
  };
}

function fail(pid: number): never {
  throw new Error(`process ${pid} has gone`);
}
