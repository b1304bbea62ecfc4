import { expect, test } from 'vitest';
import { speakerStatus } from '../../../src/controller/speaker-report/speaker-status.ts';

const process = { bootId: 'b', since: 0 };
const nothing = { claims: [], conflicts: [], refusals: [], occupied: [], warnings: [] };

test('claims are in one order, so that the same ones are not written again', () => {
  const claims = ['198.18.0.2', '198.18.0.1'].map(address => ({ address, interface: 'eth0', since: 1 }));
  const status = speakerStatus(process, { ...nothing, claims }, []);
  expect(status).toEqual(speakerStatus(process, { ...nothing, claims: claims.toReversed() }, []));
  expect(status.claims.map(one => one.address)).toEqual(['198.18.0.1', '198.18.0.2']);
});

test('5,000 claims of IPv6 addresses fit an object of etcd', () => {
  const claims = Array.from({ length: 5_000 }, (_, n) => ({
    address: `2001:db8:1111:2222:3333:4444:5555:${n.toString(16)}`,
    interface: 'enp0s31f6.1234',
    since: 1_767_225_600_123,
  }));
  const { length } = JSON.stringify(speakerStatus(process, { ...nothing, claims }, []));
  expect(length).toBeLessThan(700_000);
});

test('thousands of refusals for one reason are told of by the first of them', () => {
  const refused = Array.from({ length: 5_000 }, (_, n) => ({
    address: `10.0.${n >> 8}.${n & 255}`,
    reason: 'Drained',
    message: 'The node was drained.',
  }));
  const { refusals } = speakerStatus(
    process,
    { ...nothing, refusals: [{ address: '10.9.9.9', reason: 'NoSubnet', message: 'm' }] },
    refused,
  );
  expect(refusals).toHaveLength(21);
  expect(refusals[0]?.message).toBe('The node was drained. (and so for 4980 more addresses than are listed)');
  expect(refusals.at(-1)).toEqual({ address: '10.9.9.9', reason: 'NoSubnet', message: 'm' });
});

test('what a provider says is bounded as the schema is', () => {
  const long = 'x'.repeat(5_000);
  const warnings = Array.from({ length: 500 }, () => ({ reason: long, message: long }));
  const status = speakerStatus(
    process,
    { ...nothing, warnings, refusals: [{ address: '1.2.3.4', reason: long, message: long }] },
    [],
  );
  expect(status.warnings).toHaveLength(100);
  for (const { reason, message } of [...status.warnings, ...status.refusals]) {
    expect(reason.length).toBeLessThanOrEqual(128);
    expect(message.length).toBeLessThanOrEqual(1_024);
  }
});
