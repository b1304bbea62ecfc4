import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNewer, type KubeObject, keyOf } from '../../src/kube/objects.ts';
import { type Change, Store } from '../../src/kube/store.ts';

interface Thing extends KubeObject {
  readonly data?: string;
}

function thing(name: string, resourceVersion: number, more: { uid?: string; data?: string } = {}): Thing {
  const { uid = `uid-${name}`, data } = more;
  return {
    metadata: { namespace: 'ns', name, uid, resourceVersion: String(resourceVersion) },
    ...(data !== undefined && { data }),
  };
}

function recorded(keep?: (object: Thing) => Thing | undefined): {
  store: Store<Thing>;
  changes: Change<Thing>[];
  faults: unknown[];
} {
  const changes: Change<Thing>[] = [];
  const faults: unknown[] = [];
  const store = new Store<Thing>({
    ...(keep && { keep }),
    onChange: change => changes.push(change),
    onFault: error => faults.push(error),
  });
  return { store, changes, faults };
}

describe('watch events', () => {
  test('an object is added, replaced by a newer version, and removed', () => {
    const { store, changes } = recorded();
    const [first, second] = [thing('a', 9), thing('a', 10)];
    store.put(first);
    store.put(second);
    expect(store.get('ns/a')).toBe(second);
    store.remove(thing('a', 11));
    expect([...store.values()]).toEqual([]);
    expect(changes).toEqual([
      { key: 'ns/a', previous: undefined, current: first },
      { key: 'ns/a', previous: first, current: second },
      { key: 'ns/a', previous: second, current: undefined },
    ]);
  });

  test('an older or equal version is passed over', () => {
    const { store, changes } = recorded();
    store.put(thing('a', 10));
    store.put(thing('a', 9));
    store.put(thing('a', 10));
    expect(changes).toHaveLength(1);
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('10');
  });

  test('a late DELETED of an earlier object of that name removes nothing', () => {
    const { store } = recorded();
    store.put(thing('a', 20, { uid: 'second' }));
    store.remove(thing('a', 15, { uid: 'first' }));
    expect(store.get('ns/a')?.metadata.uid).toBe('second');
  });

  test('an object of that name with another uid replaces it', () => {
    const { store, changes } = recorded();
    store.put(thing('a', 10, { uid: 'first' }));
    store.put(thing('a', 20, { uid: 'second' }));
    expect(changes.at(-1)).toMatchObject({
      previous: { metadata: { uid: 'first' } },
      current: { metadata: { uid: 'second' } },
    });
  });
});

describe('answers', () => {
  test('the answer to our own write is held, and nobody is told', () => {
    const { store, changes } = recorded();
    store.put(thing('a', 10));
    store.applied(thing('a', 11, { data: 'new' }));
    expect(store.get('ns/a')?.data).toBe('new');
    expect(changes).toHaveLength(1);
  });

  test('a read of one object is held, and everybody is told', () => {
    const { store, changes } = recorded();
    store.put(thing('a', 10));
    store.seen(thing('a', 11, { data: 'new' }));
    expect(store.get('ns/a')?.data).toBe('new');
    expect(changes).toHaveLength(2);
  });

  test.each(['applied', 'seen'] as const)(
    '%s: nothing comes back that was deleted, replaced or changed since',
    verb => {
      const { store, changes } = recorded();
      store[verb](thing('gone', 5));
      expect(store.size).toBe(0);
      store.put(thing('a', 10, { uid: 'second' }));
      store[verb](thing('a', 12, { uid: 'first' }));
      expect(store.get('ns/a')?.metadata.uid).toBe('second');
      store.put(thing('b', 10));
      store[verb](thing('b', 9));
      expect(store.get('ns/b')?.metadata.resourceVersion).toBe('10');
      expect(changes).toHaveLength(2);
    },
  );
});

describe('lists', () => {
  test('only the differences are told, and the same version stays the same object', () => {
    const { store, changes } = recorded();
    const same = thing('same', 1);
    for (const object of [same, thing('old', 2), thing('gone', 3)]) store.put(object);
    changes.length = 0;
    store.replace([thing('same', 1), thing('old', 5), thing('new', 4)], '6');
    expect(store.get('ns/same')).toBe(same);
    expect(Object.fromEntries(changes.map(({ key, current }) => [key, current?.metadata.resourceVersion]))).toEqual({
      'ns/gone': undefined,
      'ns/new': '4',
      'ns/old': '5',
    });
  });

  test('what was written after the list was taken stays', () => {
    const { store, changes } = recorded();
    store.put(thing('a', 5));
    store.applied(thing('a', 20));
    store.put(thing('b', 21));
    changes.length = 0;
    store.replace([thing('a', 5)], '10');
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('20');
    expect(store.get('ns/b')?.metadata.resourceVersion).toBe('21');
    expect(changes).toEqual([]);
  });

  test('handlers see the whole new state, not half of it', () => {
    const sizes: number[] = [];
    const store: Store<Thing> = new Store({ onChange: () => sizes.push(store.size) });
    store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '4');
    expect(sizes).toEqual([3, 3, 3]);
  });

  test('a list of a restored etcd counts, although its versions are older', () => {
    const { store } = recorded();
    store.replace([thing('a', 900), thing('b', 950)], '1000');
    const replacement = store.replacement('500', true);
    replacement.add([thing('a', 400, { data: 'restored' })]);
    replacement.commit();
    expect([...store.values()]).toEqual([thing('a', 400, { data: 'restored' })]);
  });

  test('pages go in one by one and are seen together', () => {
    const { store } = recorded();
    const replacement = store.replacement('10');
    replacement.add([thing('a', 1)]);
    expect(store.size).toBe(0);
    replacement.add([thing('b', 2)]);
    replacement.commit();
    expect([...store.values()].map(keyOf)).toEqual(['ns/a', 'ns/b']);
  });
});

describe('keep', () => {
  test('makes objects smaller, also those of a list', () => {
    const { store } = recorded(({ metadata }) => ({ metadata }));
    store.put(thing('a', 1, { data: 'big' }));
    store.replace([thing('a', 1), thing('b', 2, { data: 'big' })], '3');
    expect([...store.values()]).toEqual([thing('a', 1), thing('b', 2)]);
  });

  test('what it refuses is not kept; what was kept before goes', () => {
    const { store, changes } = recorded(object => (object.data === 'refuse' ? undefined : object));
    store.put(thing('a', 1, { data: 'refuse' }));
    store.put(thing('b', 1));
    store.put(thing('b', 2, { data: 'refuse' }));
    store.put(thing('c', 3));
    store.replace([thing('c', 4, { data: 'refuse' })], '5');
    expect(store.size).toBe(0);
    expect(changes.map(({ key, current }) => [key, current !== undefined])).toEqual([
      ['ns/b', true],
      ['ns/b', false],
      ['ns/c', true],
      ['ns/c', false],
    ]);
  });

  test('a throw in it is told of, and the object is kept as it is', () => {
    const { store, faults } = recorded(() => {
      throw new Error('fault');
    });
    store.put(thing('a', 1, { data: 'x' }));
    expect(store.get('ns/a')?.data).toBe('x');
    expect(faults).toHaveLength(1);
  });
});

test('a throwing handler is told of and harms nothing', () => {
  const faults: string[] = [];
  const store = new Store<Thing>({
    onChange: () => {
      throw new Error('fault');
    },
    onFault: (_error, key) => faults.push(key),
  });
  store.replace([thing('a', 1), thing('b', 2)], '3');
  store.put(thing('c', 4));
  expect(store.size).toBe(3);
  expect(faults).toEqual(['ns/a', 'ns/b', 'ns/c']);
});

/**
 * A server of two names whose every state is remembered. A client gets its watch events in order, relists at any version from its
 * position on, and the answers to its own writes at any later time.
 */
interface Step {
  readonly do: 'write' | 'delete' | 'create' | 'deliver' | 'relist' | 'answer';
  readonly name: 'a' | 'b';
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('write', 'delete', 'create', 'deliver', 'deliver', 'deliver', 'relist', 'answer'),
  name: fc.constantFrom('a', 'b'),
});

test('after any order of events, relists and late answers the store ends equal to the server and never goes back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const { store, changes, faults } = recorded();
      const server = new Map<string, Thing>();
      const log: { type: 'put' | 'remove'; object: Thing }[] = [];
      const answers: Thing[] = [];
      let version = 1;
      let delivered = 0;
      const write = (name: string, uid: string, isDelete: boolean): void => {
        version += 1;
        const object = thing(name, version, { uid });
        if (isDelete) server.delete(name);
        else server.set(name, object);
        log.push({ type: isDelete ? 'remove' : 'put', object });
        answers.push(object);
      };
      const deliver = (): void => {
        const event = log[delivered];
        if (event === undefined) return;
        delivered += 1;
        store[event.type](event.object);
      };
      for (const { do: what, name } of steps) {
        const current = server.get(name);
        if (what === 'write' && current) write(name, current.metadata.uid, false);
        if (what === 'delete' && current) write(name, current.metadata.uid, true);
        if (what === 'create' && !current) write(name, `uid-${version}`, false);
        if (what === 'deliver') deliver();
        if (what === 'answer' && answers.length > 0) store.applied(answers[version % answers.length] as Thing);
        if (what === 'relist') {
          // As the reflector does: no watch runs meanwhile, and the next one begins at the list's version.
          store.replace([...server.values()], String(version));
          delivered = log.length;
        }
      }
      while (delivered < log.length) deliver();
      expect([...store.values()].toSorted((x, y) => keyOf(x).localeCompare(keyOf(y)))).toEqual(
        [...server.values()].toSorted((x, y) => keyOf(x).localeCompare(keyOf(y))),
      );
      const isBackwards = ({ previous, current }: Change<Thing>): boolean =>
        previous !== undefined &&
        current !== undefined &&
        !isNewer(current.metadata.resourceVersion, previous.metadata.resourceVersion);
      expect(changes.filter(isBackwards)).toEqual([]);
      expect(faults).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
