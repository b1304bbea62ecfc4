import { describe, expect, test } from 'vitest';
import { choosePortLayout, layoutWarning } from '../../../../providers/gcp/desired/port-layout.ts';
import { portRanges } from '../../../../providers/gcp/desired/port-ranges.ts';

const few = [80, 443];
const many = [1, 2, 3, 4, 5, 6];
const rules = { portsMode: 'rules', mixedMode: 'split' } as const;

describe('the layout of ports', () => {
  test.each([
    ['few of TCP', 'EXTERNAL', { TCP: few }, rules, 'list'],
    ['few of TCP, internal', 'INTERNAL', { TCP: few }, rules, 'list'],
    ['many of TCP', 'EXTERNAL', { TCP: many }, rules, 'list'],
    ['many of TCP, all', 'EXTERNAL', { TCP: many }, { ...rules, portsMode: 'all' }, 'TCP'],
    ['many of TCP, internal', 'INTERNAL', { TCP: many }, rules, 'TCP'],
    ['both, split', 'EXTERNAL', { TCP: few, UDP: [53] }, rules, 'list'],
    ['both and many, split', 'EXTERNAL', { TCP: many, UDP: [53] }, rules, 'list'],
    ['both and many, all', 'EXTERNAL', { TCP: many, UDP: [53] }, { ...rules, portsMode: 'all' }, 'L3_DEFAULT'],
    ['both, l3', 'EXTERNAL', { TCP: few, UDP: [53] }, { ...rules, mixedMode: 'l3' }, 'L3_DEFAULT'],
    ['both, internal', 'INTERNAL', { TCP: few, UDP: [53] }, rules, 'L3_DEFAULT'],
  ] as const)('%s', (_name, scheme, byProtocol, modes, expected) => {
    const ports = Object.entries(byProtocol).map(([protocol, list]) => ({
      protocol: protocol as 'TCP' | 'UDP',
      ports: list,
    }));
    const layout = choosePortLayout({ scheme, ports, ...modes });
    expect(layout).toEqual(expected === 'list' ? { kind: 'list', ports } : { kind: 'all', protocol: expected });
  });

  test('a choice is told, and where there was none nothing is', () => {
    const told = (ports: readonly number[], portsMode: 'rules' | 'all') => {
      const input = { scheme: 'EXTERNAL', ports: [{ protocol: 'TCP', ports }], portsMode, mixedMode: 'split' } as const;
      return layoutWarning(input, choosePortLayout(input))?.message;
    };
    expect(told(few, 'rules')).toBeUndefined();
    expect(told(many, 'rules')).toMatch(/6 ports are at least 2 forwarding rules on one address/);
    expect(told(many, 'all')).toMatch(/one forwarding rule for all ports of TCP: the firewall lets in the 6/);
  });
});

test.each([
  [[80], ['80']],
  [
    [8082, 33, 10, 8081, 21, 8080],
    ['10', '21', '33', '8080-8082'],
  ],
  [[1, 2, 2, 3], ['1-3']],
  [[], []],
])('ports %j are ranges %j', (ports, ranges) => {
  expect(portRanges(ports)).toEqual(ranges);
});
