import { describe, expect, test } from 'vitest';
import { withBareMetalOptions } from '../../src/config/bare-metal-options.ts';
import { parseConfig } from '../../src/config/parse-config.ts';

function parsed(...argv: readonly string[]) {
  return parseConfig(argv, {});
}

function errorsOf(...argv: readonly string[]): readonly string[] {
  const result = parsed(...argv);
  return result.ok ? [] : result.errors;
}

describe('--pool', () => {
  test('without any provider it implies one', () => {
    const result = parsed('--pool=198.18.0.0/24', '--pool=2001:db8::1-2001:db8::9');
    expect(result).toMatchObject({
      ok: true,
      config: {
        pool: ['198.18.0.0/24', '2001:db8::1-2001:db8::9'],
        provider: [{ name: 'bare-metal', module: 'bare-metal', classes: [], isDefault: true }],
      },
    });
  });

  test('goes with the one instance that there is', () => {
    expect(errorsOf('--pool=198.18.0.0/24', '--provider=lan=bare-metal', '--provider=a=in-memory')).toEqual([]);
  });

  test('without it nothing is implied', () => {
    expect(parsed()).toMatchObject({ ok: true, config: { provider: [] } });
  });

  test('needs an instance that is of bare-metal, and no more than one', () => {
    expect(errorsOf('--pool=198.18.0.0/24', '--provider=a=in-memory')).toEqual([
      '--pool: no instance is of the provider bare-metal: add --provider=main=bare-metal, or leave --provider out',
    ]);
    expect(errorsOf('--pool=198.18.0.0/24', '--provider=a=bare-metal', '--provider=b=bare-metal')).toEqual([
      '--pool: a and b are both of the provider bare-metal: write pools into their config instead',
    ]);
  });

  test.each(['everything', '198.18.0.0/24,198.18.1.0/24', '198.18.0.0/2400', ''])('%j is refused', text => {
    expect(errorsOf(`--pool=${text}`)[0]).toMatch(/^--pool: /);
  });
});

describe('the config of an instance', () => {
  const spec = { name: 'lan', module: 'bare-metal', classes: [], isDefault: true };
  const options = { pool: ['198.18.0.0/24'], metallbNamespace: 'metallb' };

  test.each([
    ['none', undefined, { pools: ['198.18.0.0/24'], metallbNamespace: 'metallb' }],
    [
      'with pools',
      { pools: [{ name: 'a' }] },
      { pools: [{ name: 'a' }, '198.18.0.0/24'], metallbNamespace: 'metallb' },
    ],
    ['with its own namespace', { metallbNamespace: 'x' }, { pools: ['198.18.0.0/24'], metallbNamespace: 'x' }],
    ['with nonsense in place of pools', { pools: 7 }, { pools: 7, metallbNamespace: 'metallb' }],
    ['a list', [1], [1]],
    ['a text', 'x', 'x'],
  ])('%s', (_, value, expected) => {
    expect(withBareMetalOptions(spec, value, options)).toEqual(expected);
  });

  test('of another provider is left alone', () => {
    expect(withBareMetalOptions({ ...spec, module: 'in-memory' }, undefined, options)).toBeUndefined();
  });
});
