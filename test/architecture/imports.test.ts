import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { readImports } from './read-imports.ts';
import { cycles, importFaults, purityFaults, type Sources, staticSdkFaults, timeFaults } from './rules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const source: Sources = new Map(
  ['src', 'providers'].flatMap(folder =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .map(file => `${folder}/${file.replaceAll('\\', '/')}`)
      .filter(file => file.endsWith('.ts'))
      .map(file => [file, readFileSync(`${root}${file}`, 'utf8')] as const),
  ),
);

const one = (file: string, text: string): Sources => new Map([[file, text]]);

describe('the source', () => {
  test.each([
    ['keeps the import table', importFaults],
    ['has no import cycle', cycles],
    ['loads providers and cloud SDKs only when they are chosen', staticSdkFaults],
    ['keeps src/plan pure', purityFaults],
    ['takes time and chance from outside', timeFaults],
  ] as const)('%s', (_row, check) => {
    expect(check(source)).toEqual([]);
  });

  test('was read: every folder is there, and main’s imports are seen', () => {
    const folders = new Set([...source.keys()].map(file => file.split('/').slice(0, 2).join('/')));
    expect([...folders]).toEqual(
      expect.arrayContaining([
        'src/plan',
        'src/kube',
        'src/controller',
        'src/provider',
        'src/main.ts',
        'providers/in-memory',
      ]),
    );
    expect(readImports(source.get('src/main.ts') ?? '').map(({ specifier }) => specifier)).toContain(
      './config/parse-config.ts',
    );
  });

  test('sets every metric that it declares', () => {
    const all = [...source]
      .filter(([file]) => !file.endsWith('metric-table.ts'))
      .map(([, text]) => text)
      .join('\n');
    expect(Object.keys(metricTable).filter(key => !all.includes(`metrics.${key}`))).toEqual([]);
  });
});

test.each(['src', 'providers', 'deploy', 'test', 'docs'])('%s has a README', folder => {
  expect(existsSync(`${root}${folder}/README.md`)).toBe(true);
});

describe('each rule bites', () => {
  test.each([
    ['the contract imports nothing outside', 'src/provider/provider.ts', "import { x } from 'undici';"],
    ['the contract does not import the loader', 'src/provider/diff.ts', "import type { x } from './load-provider.ts';"],
    ['the door knows no plan', 'src/provider/load-provider.ts', "import type { x } from '../plan/words.ts';"],
    ['plan uses no Node', 'src/plan/a.ts', "import { isIP } from 'node:net';"],
    ['plan runs nothing of kube', 'src/plan/a.ts', "import { keyOf } from '../kube/objects.ts';"],
    [
      'plan runs nothing of kube beside a type',
      'src/plan/a.ts',
      "import { type Service, keyOf } from '../kube/objects.ts';",
    ],
    ['plan knows no client', 'src/plan/a.ts', "import type { KubeClient } from '../kube/client.ts';"],
    ['kube knows no plan', 'src/kube/a.ts', "import { x } from '../plan/words.ts';"],
    ['telemetry knows no loop', 'src/telemetry/a.ts', "import type { x } from '../controller/a.ts';"],
    ['the loop knows no command line', 'src/controller/a.ts', "import type { Config } from '../config/options.ts';"],
    ['the loop knows no provider', 'src/controller/a.ts', "export * from '../../providers/in-memory/in-memory.ts';"],
    ['only kube imports the client', 'src/cli/a.ts', "import { KubeConfig } from '@kubernetes/client-node';"],
    ['a provider knows no other', 'providers/a/a.ts', "import { x } from '../b/b.ts';"],
    ['a provider knows no kube', 'providers/a/a.ts', "import type { x } from '../../src/kube/objects.ts';"],
    ['nobody imports main', 'src/cli/a.ts', "await import('../main.ts');"],
    ['an import over several lines', 'src/plan/a.ts', "import {\n  a,\n  b,\n} from 'node:net';"],
    ['a new folder needs a rule', 'src/misc/a.ts', "import './b.ts';"],
  ])('%s', (_row, file, text) => {
    expect(importFaults(one(file, text))).toHaveLength(1);
  });

  test.each([
    ['a type of the contract in plan', 'src/plan/a.ts', "import type { LoadBalancer } from '../provider/provider.ts';"],
    ['names marked as types', 'src/plan/a.ts', "import { type Service, type Node } from '../kube/objects.ts';"],
    ['the door in a provider', 'providers/a/a.ts', "import { diffByKey } from '../../src/provider/diff.ts';"],
    ['an import in a comment', 'src/plan/a.ts', "// import 'node:fs';\n/* import 'node:fs'; */"],
    ['an export that only looks like one', 'src/plan/a.ts', "export const from = 'node:fs';"],
  ])('but not at %s', (_row, file, text) => {
    expect(importFaults(one(file, text))).toEqual([]);
  });

  test('a cycle is found, through types too', () => {
    const looped = new Map([
      ['src/plan/a.ts', "import { b } from './b.ts';"],
      ['src/plan/b.ts', "import type { c } from './c.ts';"],
      ['src/plan/c.ts', "export { a } from './a.ts';"],
    ]);
    expect(cycles(looped)).toEqual(['src/plan/a.ts → src/plan/b.ts → src/plan/c.ts → src/plan/a.ts']);
  });

  test.each([
    ['an SDK in the core', 'src/cli/a.ts', "import { EC2Client } from '@aws-sdk/client-ec2';"],
    ['a provider in the core', 'src/cli/a.ts', "import { createProvider } from '../../providers/aws/aws.ts';"],
  ])('%s is found when static, and allowed when dynamic or a type', (_row, file, text) => {
    const [, specifier = ''] = /from ('.*')/.exec(text) ?? [];
    expect(staticSdkFaults(one(file, text))).toHaveLength(1);
    expect(
      staticSdkFaults(one(file, `const x = await import(${specifier});\nimport type { y } from ${specifier};`)),
    ).toEqual([]);
  });

  test.each([
    'await x;',
    'const f = async () => 1;',
    'Date.parse(x);',
    'Math.random();',
    'setTimeout(f);',
    'process.env',
  ])('%s is not pure', text => {
    expect(purityFaults(one('src/plan/a.ts', text))).toHaveLength(1);
    expect(purityFaults(one('src/plan/a.ts', `// ${text}\nconst text = '${text}';`))).toEqual([]);
    expect(purityFaults(one('src/controller/a.ts', text))).toEqual([]);
  });

  test.each([
    'Date.now()',
    'new Date()',
    'Math.random()',
    'setTimeout(f)',
    'AbortSignal.timeout(1)',
    'performance.now()',
  ])('%s cannot be replayed', text => {
    expect(timeFaults(one('src/kube/a.ts', text))).toHaveLength(1);
    expect(timeFaults(one('src/kube/clock.ts', text))).toEqual([]);
    expect(timeFaults(one('src/cli/a.ts', text))).toEqual([]);
  });
});
