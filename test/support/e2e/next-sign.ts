import type { ChildProcess } from 'node:child_process';

/** Resolves when one of `listeners` is called, which happens whenever the process has said something; rejects when it ends before. */
export function nextSign(child: ChildProcess, listeners: Set<() => void>, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`the ${name} has ended`));
    const listener = () => {
      listeners.delete(listener);
      child.off('exit', ended);
      resolve();
    };
    listeners.add(listener);
    child.once('exit', ended);
  });
}
