import { loadAllYaml } from '@kubernetes/client-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toYaml } from '../../../src/cli/migrate-metallb/to-yaml.ts';

test('an object reads as a person would write it', () => {
  const spec = {
    addresses: ['198.18.0.0/24'],
    autoAssign: false,
    announce: { nodeSelectors: [{ matchLabels: { a: 'b' } }] },
  };
  expect(toYaml({ kind: 'AddressPool', metadata: { name: 'edge' }, spec })).toBe(`kind: AddressPool
metadata:
  name: edge
spec:
  addresses:
    - "198.18.0.0/24"
  autoAssign: false
  announce:
    nodeSelectors:
      - matchLabels:
          a: b
`);
});

test('whatever it says, a reader of YAML reads the same', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('yes', 'null', '1.5', '0x10', '~', 'on', '- a', 'a: b', '2001:db8::', ''),
  );
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      word,
      fc.integer(),
      fc.boolean(),
      fc.array(tie('tree'), { maxLength: 3 }),
      // A plain object cannot have such a key of its own.
      fc.dictionary(
        word.filter(key => key !== '__proto__'),
        tie('tree'),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  }));
  fc.assert(
    fc.property(tree, spec => {
      const [read] = loadAllYaml(toYaml({ apiVersion: 'x/v1', kind: 'X', metadata: {}, spec })) as [{ spec: unknown }];
      expect(read.spec).toEqual(spec);
    }),
  );
});
