import { describe, expect, test } from 'vitest';
import { BackendSets } from '../../src/controller/backend-sets.ts';
import type { Node } from '../../src/kube/objects.ts';
import { everything, type LabelSelector, parseLabelSelector } from '../../src/plan/label-selector.ts';
import { node } from '../support/objects.ts';

const ingress = parseLabelSelector('role=ingress') ?? everything;
const all = (): boolean => true;

/** Sets over a store that tests change, with a count of how often it was walked. */
class Bench {
  readonly nodes = new Map<string, Node>();
  walks = 0;
  readonly sets = new BackendSets(() => {
    this.walks++;
    return this.nodes.values();
  });

  put(...nodes: readonly Node[]): void {
    for (const one of nodes) this.nodes.set(one.metadata.name, one);
    this.sets.invalidate();
  }

  names(selector: LabelSelector): readonly string[] {
    return this.sets.get(selector).backends.map(one => one.node);
  }

  changes(isUsed: (selector: string) => boolean = all): readonly string[] {
    return [...this.sets.changes(isUsed)];
  }
}

const labelled = (name: string): Node => node(name, { metadata: { labels: { role: 'ingress' } } });

describe('a set of backends', () => {
  test('is one frozen list for all who use the selector, computed once', () => {
    const bench = new Bench();
    bench.put(node('a'), labelled('b'));
    const first = bench.sets.get(everything);
    for (let times = 0; times < 1_000; times++) expect(bench.sets.get({ ...everything })).toBe(first);
    expect(bench.walks).toBe(1);
    expect(first).toMatchObject({ selector: '', backends: [{ node: 'a' }, { node: 'b' }] });
    expect([first.backends, first.backends[0], first.backends[0]?.addresses].every(part => Object.isFrozen(part))).toBe(
      true,
    );
  });

  test('is another for each selector', () => {
    const bench = new Bench();
    bench.put(node('a'), labelled('b'));
    expect(bench.names(ingress)).toEqual(['b']);
    expect(bench.names(everything)).toEqual(['a', 'b']);
  });

  test('is read anew when nodes have changed, so that no one is ensured with old ones', () => {
    const bench = new Bench();
    bench.put(node('a'));
    expect(bench.names(everything)).toEqual(['a']);
    bench.put(node('b'));
    expect(bench.names(everything)).toEqual(['a', 'b']);
  });

  test('stays the very same, version included, when what has changed in the nodes is no concern of backends', () => {
    const bench = new Bench();
    bench.put(node('a'));
    const before = bench.sets.get(everything);
    bench.put(node('a', { metadata: { resourceVersion: '2', labels: { x: 'y' } } }));
    expect(bench.sets.get(everything)).toBe(before);
  });

  test.each<readonly [string, Node]>([
    ['a node more', node('b')],
    ['another address', node('a', { ip: '192.0.2.9' })],
    ['a providerID', node('a', { spec: { providerID: 'cloud:///a' } })],
    [
      'exclusion',
      node('a', { metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } } }),
    ],
    [
      'the autoscaler’s taint',
      node('a', { spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] } }),
    ],
    ['deletion', node('a', { metadata: { deletionTimestamp: 't' } })],
  ])('grows in version with %s', (_name, changed) => {
    const bench = new Bench();
    bench.put(node('a'));
    const before = bench.sets.get(everything);
    bench.put(changed);
    expect(bench.sets.get(everything).version).toBeGreaterThan(before.version);
  });

  test('never comes back to a version that it has had with other nodes', () => {
    const bench = new Bench();
    const seen = new Map<number, string>();
    for (const name of ['a', 'b', 'a', 'c', 'a']) {
      bench.nodes.clear();
      bench.put(node(name));
      if (name === 'c') bench.changes(() => false);
      const { version } = bench.sets.get(everything);
      expect(seen.get(version) ?? name).toBe(name);
      seen.set(version, name);
    }
  });
});

describe('what is told of changes', () => {
  function told(): Bench {
    const bench = new Bench();
    bench.put(node('a'), labelled('b'));
    bench.sets.get(everything);
    bench.sets.get(ingress);
    expect(bench.changes()).toEqual([]);
    return bench;
  }

  test('is the selectors whose backends differ, once', () => {
    const bench = told();
    bench.put(node('c'));
    expect(bench.changes()).toEqual(['']);
    expect(bench.changes()).toEqual([]);
    bench.put(labelled('d'));
    expect(bench.changes().toSorted()).toEqual(['', 'role=ingress']);
  });

  test('is nothing where nodes have only said that they are alive', () => {
    const bench = told();
    bench.put(node('a', { metadata: { resourceVersion: '2' } }));
    expect(bench.changes()).toEqual([]);
  });

  test('counts a change that someone has read already: others have not', () => {
    const bench = told();
    bench.put(node('c'));
    bench.sets.get(everything);
    expect(bench.changes()).toEqual(['']);
  });

  test('sums up changes between', () => {
    const bench = told();
    bench.put(node('c'));
    bench.put(node('d'));
    expect(bench.changes()).toEqual(['']);
    expect(bench.names(everything)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('forgets selectors that nobody uses any more', () => {
    const bench = told();
    bench.put(labelled('c'));
    expect(bench.changes(selector => selector === '')).toEqual(['']);
    const walks = bench.walks;
    bench.put(labelled('d'));
    expect(bench.changes()).toEqual(['']);
    expect(bench.walks).toBe(walks + 1);
  });
});
