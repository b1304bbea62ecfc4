import { describe, expect, test } from 'vitest';
import { speakerStatus } from '../../../src/controller/speaker-report/speaker-status.ts';
import { speakerRecord } from '../../../src/controller/speaker-view/speaker-record.ts';
import type { Resource } from '../../../src/provider/provider.ts';

function resource(more: Partial<Resource>): Resource {
  return {
    name: 'n1',
    namespace: '',
    uid: 'u',
    generation: 1,
    creationTimestamp: '',
    labels: {},
    spec: {},
    status: undefined,
    ...more,
  };
}

const nothing = { claims: [], conflicts: [], refusals: [], occupied: [], warnings: [] };

test('what one speaker writes another reads', () => {
  const claims = [{ address: '2001:db8::1', interface: 'eth0', since: 42.7 }];
  const status = speakerStatus({ bootId: 'b', since: 1_767_225_600_123 }, { ...nothing, claims }, []);
  expect(speakerRecord(resource({ status, spec: { drain: true } }))).toEqual({
    node: 'n1',
    isDrained: true,
    since: 1_767_225_600_123,
    claims: new Map([['2001:db8::1', 42]]),
    isComplete: true,
  });
});

test('more claims than fit are not a complete record', () => {
  const claims = Array.from({ length: 10_001 }, (_, n) => ({
    address: `10.0.${n >> 8}.${n & 255}`,
    interface: 'eth0',
    since: 1,
  }));
  const status = speakerStatus({ bootId: 'b', since: 0 }, { ...nothing, claims }, []);
  expect(speakerRecord(resource({ status })).isComplete).toBe(false);
  expect(status.claims).toHaveLength(10_000);
});

describe('what is none is passed over', () => {
  test.each([
    undefined,
    null,
    'text',
    [],
    { since: 7, claims: 'all' },
    { since: 'yesterday', claims: [null, 3, { address: 'x' }, { address: 7 }, { address: '010.0.0.1' }] },
  ])('%j', status => {
    expect(speakerRecord(resource({ status, spec: status }))).toMatchObject({
      isDrained: false,
      since: undefined,
      claims: new Map(),
    });
  });
});
