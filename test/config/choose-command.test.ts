import { expect, test } from 'vitest';
import { chooseCommand } from '../../src/config/choose-command.ts';

test.each([
  [['--help'], { kind: 'help' }],
  [['help', 'uninstall'], { kind: 'help', command: 'uninstall' }],
  [['controller', '--dry-run', '-h'], { kind: 'help', command: 'controller' }],
  [['--version'], { kind: 'run', command: 'version', argv: [] }],
  [['controller', '--dry-run'], { kind: 'run', command: 'controller', argv: ['--dry-run'] }],
  [[], { kind: 'error', message: 'no command given: run fairlead --help' }],
  [['controler'], { kind: 'error', message: 'controler: no such command: did you mean controller?' }],
  [['toString'], { kind: 'error', message: 'toString: no such command: run fairlead --help' }],
] as const)('%j', (argv, expected) => {
  expect(chooseCommand(argv)).toEqual(expected);
});
