import { version } from '../version.ts';

export function printVersion(): 0 {
  process.stdout.write(`fairlead ${version}\n`);
  return 0;
}
