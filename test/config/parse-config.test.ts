import { describe, expect, test } from 'vitest';
import { helpText, optionsPage } from '../../src/config/help.ts';
import { commands, envOf, flagOf } from '../../src/config/option.ts';
import { optionEntries } from '../../src/config/options.ts';
import { type Environment, parseConfig } from '../../src/config/parse-config.ts';

const valid = (argv: readonly string[], env: Environment = {}) => {
  const parsed = parseConfig(argv, env);
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'));
  return parsed.config;
};
const errors = (argv: readonly string[], env: Environment = {}) => {
  const parsed = parseConfig(argv, env);
  return parsed.ok ? [] : parsed.errors;
};

const provider = (text: string) => ['--provider', text];

describe('where a value comes from', () => {
  test.each([
    ['nothing given: the default', [], {}, 600_000],
    ['a flag and its value', ['--verify-interval', '5m'], {}, 300_000],
    ['a flag with an equals sign', ['--verify-interval=5m'], {}, 300_000],
    ['the variable', [], { FAIRLEAD_VERIFY_INTERVAL: '90s' }, 90_000],
    ['a flag wins over the variable', ['--verify-interval=5m'], { FAIRLEAD_VERIFY_INTERVAL: '90s' }, 300_000],
    ['an empty variable counts as absent', [], { FAIRLEAD_VERIFY_INTERVAL: ' ' }, 600_000],
    ['of two flags the last holds', ['--verify-interval=5m', '--verify-interval=6m'], {}, 360_000],
  ] as const)('%s', (_row, argv, env, expected) => {
    expect(valid(argv, env).verifyInterval).toBe(expected);
  });

  test('a repeatable option keeps the order, and takes a line each in its variable', () => {
    expect(valid(['--allow-adopt', 'b', '--allow-adopt=a']).allowAdopt).toEqual(['b', 'a']);
    expect(valid([], { FAIRLEAD_ALLOW_ADOPT: 'b\n  a\n\n' }).allowAdopt).toEqual(['b', 'a']);
  });

  test('a switch stands alone, and can be turned off', () => {
    expect(valid(['--dry-run', '--leader-elect=false'])).toMatchObject({ dryRun: true, leaderElect: false });
  });

  test('the Lease lives in the pod’s namespace unless told otherwise', () => {
    expect(valid([]).leaseNamespace).toBe('kube-system');
    expect(valid([], { POD_NAMESPACE: 'fairlead-system' }).leaseNamespace).toBe('fairlead-system');
    expect(valid([], { POD_NAMESPACE: 'a', FAIRLEAD_LEASE_NAMESPACE: 'b' }).leaseNamespace).toBe('b');
  });
});

describe('errors', () => {
  test('all are found at once, each in one line', () => {
    const found = errors(['--verfy-interval', '5m', '--orphans=maybe', '--listen', '8080'], {
      FAIRLEAD_LOG_LEVEL: 'loud',
    });
    expect(found).toHaveLength(4);
    for (const line of found) expect(line).not.toContain('\n');
  });

  test.each([
    [
      'an unknown flag names the nearest',
      ['--verfy-interval=5m'],
      {},
      '--verfy-interval: no such option: did you mean --verify-interval?',
    ],
    [
      'a flag like no other points to --help',
      ['--colour=red'],
      {},
      '--colour: no such option: see fairlead controller --help',
    ],
    [
      'a word that is not a flag',
      ['now'],
      {},
      'now: an argument that is not expected here: remove it, or see fairlead controller --help',
    ],
    ['a missing value', ['--lease-name'], {}, '--lease-name: a value is missing: write --lease-name=<name>'],
    [
      'another flag is no value',
      ['--lease-name', '--dry-run'],
      {},
      '--lease-name: a value is missing: write --lease-name=<name>',
    ],
    [
      'the variable is named where it is the source',
      [],
      { FAIRLEAD_ORPHANS: 'x' },
      'FAIRLEAD_ORPHANS: "x" is not known: write one of report, delete, off',
    ],
    [
      'a misspelt variable',
      [],
      { FAIRLEAD_ORPHAN: 'x' },
      'FAIRLEAD_ORPHAN: no such variable: did you mean FAIRLEAD_ORPHANS?',
    ],
    ['an option of another command', ['--yes'], {}, '--yes: no such option: see fairlead controller --help'],
  ] as const)('%s', (_row, argv, env, expected) => {
    expect(errors(argv, env)).toEqual([expected]);
  });

  test('variables that Kubernetes sets for a Service named fairlead are nobody’s mistake', () => {
    const links = {
      FAIRLEAD_PORT: 'tcp://10.0.0.1:80',
      FAIRLEAD_SERVICE_HOST: '10.0.0.1',
      FAIRLEAD_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(errors([], links)).toEqual([]);
  });

  test('no option can be set by such a variable', () => {
    const taken = optionEntries
      .map(([key]) => envOf(key))
      .filter(name => /^FAIRLEAD_(?:PORT|SERVICE)(?:_|$)/.test(name));
    expect(taken).toEqual([]);
  });
});

describe('options that must fit together', () => {
  test.each([
    [
      'one class, two instances',
      [...provider('a=x,class=c'), ...provider('b=x,class=c')],
      '--provider: class c is given twice: leave it with one instance',
    ],
    [
      'one name, two instances',
      [...provider('a=x'), ...provider('a=y')],
      '--provider: two instances are named a: rename one',
    ],
    [
      'two defaults',
      [...provider('a=x,default'), ...provider('b=x,default')],
      '--provider: a and b are both default: leave it with one instance',
    ],
    [
      'a Lease too short for one write',
      ['--lease-duration=14s'],
      '--renew-deadline: must be at least 5s shorter than --lease-duration (14s): shorten it',
    ],
    [
      'a Lease of broken seconds',
      ['--lease-duration=15500ms'],
      '--lease-duration: 15s500ms is not in whole seconds, as a Lease needs: round it',
    ],
    [
      'renewals too rare',
      ['--retry-period=10s'],
      '--retry-period: must be shorter than --renew-deadline (10s): shorten it',
    ],
    [
      'deleting orphans of a cluster named by hand',
      ['--orphans=delete', '--cluster-id=prod'],
      '--orphans: delete is refused with a cluster name given by hand: remove --cluster-id, or use --orphans=report',
    ],
  ] as const)('%s', (_row, argv, expected) => {
    expect(errors(argv)).toEqual([expected]);
  });

  test('deleting orphans is allowed with the UID itself', () => {
    expect(errors(['--orphans=delete', '--cluster-id=6f4f1d0a-7a7e-4c5f-9a53-0f2f9a9b3c11'])).toEqual([]);
    expect(errors(['--orphans=delete'])).toEqual([]);
  });
});

describe('what is printed from the table', () => {
  test.each(['controller', 'speaker', 'drain'] as const)(
    'help of %s shows every option of its command, within 100 columns',
    command => {
      const help = helpText(command);
      for (const [key, option] of optionEntries) {
        const isShown = help.split('\n').some(line => `${line} `.startsWith(`  ${flagOf(key)} `));
        const isFlag = option.argumentOf === undefined;
        expect([key, isShown]).toEqual([key, isFlag && (option.commands ?? ['controller']).includes(command)]);
      }
      expect(help.split('\n').filter(line => line.length > 100 && !line.startsWith('fairlead'))).toEqual([]);
    },
  );

  test('help shows defaults and variables, and the argument of a command that has one', () => {
    expect(helpText('controller').replaceAll(/\s+/g, ' ')).toContain('Default: 10m. FAIRLEAD_VERIFY_INTERVAL');
    expect(helpText('drain')).toContain('Usage: fairlead drain <node> [options]');
    expect(helpText('drain')).toMatch(/^ {2}<node>$/m);
  });

  test('general help lists the commands', () => {
    for (const command of Object.keys(commands)) expect(helpText()).toContain(`  ${command} `);
  });

  test('the page has a row an option, and no row is broken by a pipe', () => {
    const rows = optionsPage()
      .split('\n')
      .filter(line => line.startsWith('| `'));
    expect(rows).toHaveLength(optionEntries.length);
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(6);
  });
});

describe('a command with an argument', () => {
  const drain = (...argv: readonly string[]) => parseConfig(argv, { FAIRLEAD_DRAINED_NODE: 'env' }, 'drain');

  test.each([[['n1', '--undo']], [['--undo', 'n1']], [['--wait-timeout', '5s', 'n1', '--undo']]])(
    'finds it in %j',
    argv => {
      expect(drain(...argv)).toMatchObject({ ok: true, config: { drainedNode: 'n1', undo: true } });
    },
  );

  test('takes it from no variable, for nobody wants to drain what an environment says', () => {
    expect(drain()).toMatchObject({ ok: true, config: { drainedNode: undefined } });
  });

  test.each([
    [['n1', 'n2'], 'n2: an argument that is not expected here: remove it, or see fairlead drain --help'],
    [['N1'], '<node>: "N1" is not the name of a Node: write it as kubectl get nodes shows it'],
    [['--drained-node=n1'], '--drained-node: no such option: see fairlead drain --help'],
  ])('refuses %j', (argv, error) => {
    expect(drain(...argv)).toEqual({ ok: false, errors: [error] });
  });
});

test('the speaker’s node comes from the flag, or from the variable that the pod has', () => {
  const node = (argv: readonly string[]) => parseConfig(argv, { NODE_NAME: 'from-env' }, 'speaker');
  expect(node([])).toMatchObject({ config: { node: 'from-env' } });
  expect(node(['--node=n1.example'])).toMatchObject({ config: { node: 'n1.example' } });
});
