import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PortLayout } from '../../../../providers/gcp/desired/port-layout.ts';
import type { Known } from '../../../../providers/gcp/model/kinds.ts';
import { planRules } from '../../../../providers/gcp/plan/plan-rules.ts';

type Rule = Known<'forwardingRules'>;
const backendService = 'projects/p/regions/r/backendServices/b';

const tcp = (...ports: readonly number[]): PortLayout => ({ kind: 'list', ports: [{ protocol: 'TCP', ports }] });
const rule = (...ports: readonly number[]): Rule => ({
  name: `tcp-${ports.join('-')}`,
  IPProtocol: 'TCP',
  backendService,
  ...(ports.length === 0 ? { allPorts: true } : { ports: ports.map(String) }),
});
const all = (protocol: 'TCP' | 'L3_DEFAULT'): PortLayout => ({ kind: 'all', protocol });

function plan(layout: PortLayout, found: readonly Rule[], { isFiltered = true, isExclusive = false } = {}) {
  const { keep, replace, hold, insert, remove } = planRules({ layout, found, backendService, isFiltered, isExclusive });
  const names = (rules: readonly Rule[]) => rules.map(({ name }) => name);
  return {
    keep: names(keep),
    replace: names(replace),
    hold,
    insert: insert.map(one => one.ports),
    remove: names(remove),
  };
}

const nothing = { keep: [], replace: [], hold: false, insert: [], remove: [] };

describe('forwarding rules', () => {
  test.each([
    ['a new one', tcp(80), [], {}, { insert: [[80]] }],
    ['six ports are two', tcp(1, 2, 3, 4, 5, 6), [], {}, { insert: [[1, 2, 3, 4, 5], [6]] }],
    ['nothing to do', tcp(80), [rule(80)], {}, { keep: ['tcp-80'] }],
    ['a port more is a rule more', tcp(80, 443), [rule(80)], {}, { keep: ['tcp-80'], insert: [[443]] }],
    ['a port less is shut by the firewall', tcp(80), [rule(80, 443)], {}, { keep: ['tcp-80-443'] }],
    [
      'without one the rule is replaced, and the address held',
      tcp(80),
      [rule(80, 443)],
      { isFiltered: false },
      { replace: ['tcp-80-443'], hold: true, insert: [[80]] },
    ],
    [
      'another rule keeps the address meanwhile',
      tcp(80, 22),
      [rule(80, 443), rule(22)],
      { isFiltered: false },
      { keep: ['tcp-22'], replace: ['tcp-80-443'], insert: [[80]] },
    ],
    [
      'another port: the new rule comes before the old one goes',
      tcp(443),
      [rule(80)],
      {},
      { insert: [[443]], remove: ['tcp-80'] },
    ],
    [
      'a rule whose ports others serve goes',
      tcp(80),
      [rule(80), rule(80, 443)],
      {},
      { keep: ['tcp-80'], remove: ['tcp-80-443'] },
    ],
    [
      'an internal address takes one rule only',
      tcp(80, 443),
      [rule(80)],
      { isExclusive: true },
      { replace: ['tcp-80'], hold: true, insert: [[80, 443]] },
    ],
    ['an internal one that fits', tcp(80), [rule(80)], { isExclusive: true }, { keep: ['tcp-80'] }],
    ['from a list to everything', all('TCP'), [rule(80)], {}, { replace: ['tcp-80'], hold: true, insert: ['all'] }],
    ['everything stays', all('TCP'), [rule()], {}, { keep: ['tcp-'] }],
    ['from everything to a list', tcp(80), [rule()], {}, { replace: ['tcp-'], hold: true, insert: [[80]] }],
    [
      'everything of TCP to everything',
      all('L3_DEFAULT'),
      [rule()],
      {},
      { replace: ['tcp-'], hold: true, insert: ['all'] },
    ],
    [
      'UDP beside TCP: no rule is in the way of the other',
      { kind: 'list', ports: [{ protocol: 'UDP', ports: [80] }] } as const,
      [rule(80)],
      {},
      { insert: [[80]], remove: ['tcp-80'] },
    ],
    [
      'a rule that leads elsewhere is replaced',
      tcp(80),
      [{ ...rule(80), backendService: 'other' }],
      {},
      { replace: ['tcp-80'], hold: true, insert: [[80]] },
    ],
  ] as const)('%s', (_name, layout, found, options, expected) => {
    expect(plan(layout, found, options)).toEqual({ ...nothing, ...expected });
  });
});

const ports = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 });

test('from any list to any other: every wanted port has exactly one rule, and no port two', () => {
  fc.assert(
    fc.property(ports, ports, fc.boolean(), (before, after, isFiltered) => {
      const first = planRules({ layout: tcp(...before), found: [], backendService, isFiltered, isExclusive: false });
      const made = first.insert.map(({ ports: list }) => rule(...(list as readonly number[])));
      const next = planRules({ layout: tcp(...after), found: made, backendService, isFiltered, isExclusive: false });
      const served = [
        ...next.keep.flatMap(one => (one.ports ?? []).map(Number)),
        ...next.insert.flatMap(one => one.ports as readonly number[]),
      ];
      expect(new Set(served).size).toBe(served.length);
      expect(after.filter(port => !served.includes(port))).toEqual([]);
      expect(isFiltered || served.every(port => after.includes(port))).toBe(true);
      // Nothing that comes meets something that is still there.
      const there = [...next.keep, ...next.remove].flatMap(one => (one.ports ?? []).map(Number));
      expect(next.insert.flatMap(one => one.ports as readonly number[]).filter(port => there.includes(port))).toEqual(
        [],
      );
      const address = next.keep.length + next.remove.length > 0 || next.hold;
      expect(address).toBe(true);
    }),
  );
});
