import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { effectiveConfig } from '../../src/config/effective-config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { providerSpec } from '../../src/config/provider-spec.ts';
import { readProviderConfig } from '../../src/config/read-provider-config.ts';

test.each([
  ['a name and a module', 'main=in-memory', { name: 'main', module: 'in-memory', classes: [], isDefault: false }],
  ['one word for both', 'main,default', { name: 'main', module: 'main', classes: [], isDefault: true }],
  [
    'classes and default',
    'main=@acme/lb, class=acme.com/a ,class=b,default',
    { name: 'main', module: '@acme/lb', classes: ['acme.com/a', 'b'], isDefault: true },
  ],
  [
    'a file of configuration',
    'main=./lb.ts,config=/etc/lb.json',
    { name: 'main', module: './lb.ts', classes: [], isDefault: false, config: { kind: 'file', path: '/etc/lb.json' } },
  ],
  [
    'JSON with commas',
    'main=x,default,config={"a":"b,c","d":1}',
    { name: 'main', module: 'x', classes: [], isDefault: true, config: { kind: 'inline', value: { a: 'b,c', d: 1 } } },
  ],
])('reads %s', (_row, given, expected) => {
  expect(providerSpec.read(given)).toEqual(expected);
});

test.each([
  ['no module', 'main.ts', 'names no module'],
  ['an empty module', 'main=', 'names no module'],
  ['a name with capitals', 'Main=x', 'instance name'],
  ['a name too long for a finalizer', `${'m'.repeat(41)}=x`, 'instance name'],
  ['a word that is not known', 'main=x,klass=a', '"klass" is not known'],
  ['a class that no Service can have', 'main=x,class=a b', 'cannot be a loadBalancerClass'],
  ['a class with two slashes', 'main=x,class=a/b/c', 'cannot be a loadBalancerClass'],
  ['broken JSON', 'main=x,config={"a":', 'not valid JSON'],
  ['an empty configuration', 'main=x,config=', 'config is empty'],
])('refuses %s', (_row, given, message) => {
  expect(() => providerSpec.read(given)).toThrow(message);
});

test('inline configuration appears in no error and not in the published configuration', () => {
  const broken = parseConfig(['--provider', 'main=x,config={"token":"s3cret"'], {});
  expect(JSON.stringify(broken)).not.toContain('s3cret');
  const parsed = parseConfig(['--provider', 'main=x,default,config={"token":"s3cret"}'], {});
  if (!parsed.ok) throw new Error(parsed.errors.join());
  const published = effectiveConfig(parsed.config);
  expect(JSON.stringify(published)).not.toContain('s3cret');
  expect(published).toMatchObject({ provider: 'main=x,default,config=(inline)', 'verify-interval': '10m' });
});

test('the published configuration fits a ConfigMap', () => {
  const parsed = parseConfig([], {});
  if (!parsed.ok) throw new Error(parsed.errors.join());
  const data = Object.entries(effectiveConfig(parsed.config));
  expect(data.filter(([key, value]) => !/^[-._a-zA-Z0-9]+$/.test(key) || typeof value !== 'string')).toEqual([]);
  expect(data.map(([key]) => key)).not.toContain('yes');
});

test('a file of configuration is read, and its faults name the file but not its text', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-'));
  const path = join(folder, 'lb.json');
  const spec = { name: 'main', module: 'x', classes: [], isDefault: true, config: { kind: 'file', path } } as const;
  try {
    await expect(readProviderConfig(spec)).rejects.toThrow(
      `--provider main: config file ${path} cannot be read (ENOENT)`,
    );
    await writeFile(path, '{"pool":"10.0.0.0/24"}');
    await expect(readProviderConfig(spec)).resolves.toEqual({ pool: '10.0.0.0/24' });
    await writeFile(path, 's3cret');
    const error = await readProviderConfig(spec).catch((caught: unknown) => caught);
    expect(String(error)).toContain('is not valid JSON');
    expect(String(error)).not.toContain('s3cret');
  } finally {
    await rm(folder, { recursive: true });
  }
});
