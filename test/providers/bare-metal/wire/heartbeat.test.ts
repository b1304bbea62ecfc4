import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  clusterHashOf,
  type Heartbeat,
  type HeartbeatClaim,
  heartbeatFrame,
  parseHeartbeat,
} from '../../../../providers/bare-metal/wire/heartbeat.ts';
import { tagged } from './frames.ts';

const clusterHash = clusterHashOf('2f9bd3a7-1c6e-4c65-9b5c-5d6ad3ae0001');
const key = Buffer.from('a secret of thirty-two bytes ....');
const sealed = { clusterHash, key };
const open = { clusterHash, key: undefined };

const v4: HeartbeatClaim = { address: '192.0.2.10', since: 1_790_000_000_123, state: 'held' };
const v6: HeartbeatClaim = { address: '2001:db8::1', since: 2 ** 48 - 1, state: 'yielding' };
const heartbeat: Heartbeat = {
  node: 'node-1.example',
  bootId: '6f1c2a52-77aa-4dcb-9d2e-0c8a3f1b9d10',
  counter: Number.MAX_SAFE_INTEGER,
  isLeaving: true,
  isListening: false,
  mac: '02:aa:aa:aa:aa:01',
  total: 5000,
  claims: [v4, v6, { ...v4, state: 'released' }, { ...v6, state: 'intended' }],
};

function frameOf(changes: Partial<Heartbeat> = {}, authentication = sealed as typeof open | typeof sealed): Buffer {
  return heartbeatFrame({ ...heartbeat, ...changes }, authentication, 1500).frame;
}

/** The frame with other bytes at an offset, and an HMAC that is right for them. */
function forgedBySomebodyWithTheKey(frame: Buffer, at: number, bytes: readonly number[]): Buffer {
  const copy = Buffer.from(frame);
  copy.set(bytes, at);
  const end = 14 + copy.readUInt16BE(20) - 32;
  copy.set(createHmac('sha256', key).update(copy.subarray(14, end)).digest(), end);
  return copy;
}

test('says the same to who has the key, and to who has none', () => {
  expect(parseHeartbeat(frameOf(), sealed)).toEqual(heartbeat);
  expect(parseHeartbeat(frameOf(), open)).toEqual(heartbeat);
  expect(parseHeartbeat(frameOf({}, open), open)).toEqual(heartbeat);
});

test('is a broadcast of the sender, of at least 60 bytes, with its own EtherType', () => {
  const frame = frameOf({ node: 'n', claims: [] });
  expect(frame.subarray(0, 14).toString('hex')).toBe('ffffffffffff02aaaaaaaa0188b5');
  expect(frame.length).toBeGreaterThanOrEqual(60);
});

test('without a key the HMAC is zero', () => {
  expect(frameOf({}, open).subarray(-32)).toEqual(Buffer.alloc(32));
});

test('as many claims as fit are written, and the frame keeps to the MTU', () => {
  const claims = Array.from({ length: 300 }, (_, index) => ({ ...v4, since: index }));
  const { frame, written } = heartbeatFrame({ ...heartbeat, node: 'n'.repeat(253), claims }, sealed, 9000);
  expect(frame.length).toBeLessThanOrEqual(1514);
  expect(frame.length).toBeGreaterThan(1514 - 11);
  expect(parseHeartbeat(frame, sealed)).toMatchObject({ claims: claims.slice(0, written), total: 5000 });
  const small = heartbeatFrame({ ...heartbeat, claims }, sealed, 576);
  expect(small.frame.length).toBeLessThanOrEqual(590);
  expect(small.written).toBeLessThan(written);
});

test('padding that a switch adds does not matter', () => {
  expect(parseHeartbeat(Buffer.concat([frameOf(), Buffer.alloc(46)]), sealed)).toEqual(heartbeat);
});

test('every byte that is changed is noticed by who has the key', () => {
  const frame = frameOf();
  for (let at = 14; at < frame.length; at++) {
    const forged = Buffer.from(frame);
    forged.writeUInt8(forged.readUInt8(at) ^ 0x20, at);
    expect(typeof parseHeartbeat(forged, sealed), `byte ${at}`).toBe('string');
  }
});

test('a frame cut anywhere is not believed', () => {
  const frame = frameOf();
  for (let size = 0; size < frame.length; size++)
    expect(typeof parseHeartbeat(frame.subarray(0, size), open), `${size} bytes`).toBe('string');
});

test.each<[string, Buffer, string]>([
  ['without an HMAC', frameOf({}, open), 'wrong HMAC'],
  ['with the HMAC of another key', frameOf({}, { clusterHash, key: Buffer.from('another') }), 'wrong HMAC'],
  ['of another cluster', frameOf({}, { clusterHash: clusterHashOf('other'), key }), 'another cluster'],
  ['with a VLAN tag', tagged(frameOf(), 3), 'not a heartbeat'],
  ['of another user of the EtherType', forgedBySomebodyWithTheKey(frameOf(), 14, [0]), 'not a heartbeat'],
  ['of a later version', forgedBySomebodyWithTheKey(frameOf(), 18, [2]), 'another version'],
  ['with a counter that no number holds', forgedBySomebodyWithTheKey(frameOf(), 46, [255]), 'bad counter'],
  ['with a name in upper case', forgedBySomebodyWithTheKey(frameOf(), 66, [0x4e]), 'bad node name'],
  ['with a name that ends a log line', forgedBySomebodyWithTheKey(frameOf(), 67, [0x0a]), 'bad node name'],
  ['with a group as MAC', forgedBySomebodyWithTheKey(frameOf(), 54, [0x01]), 'bad MAC'],
  ['with fewer claims than it says', forgedBySomebodyWithTheKey(frameOf(), 64, [5]), 'bad claims'],
  ['with a claim of an unknown family', forgedBySomebodyWithTheKey(frameOf(), 80, [0x25]), 'bad claims'],
  ['with a claim of an unknown state', forgedBySomebodyWithTheKey(frameOf(), 80, [0x44]), 'bad claims'],
  [
    'with a claim that reaches over the end',
    forgedBySomebodyWithTheKey(frameOf({ claims: [v4] }), 80, [0x26]),
    'bad claims',
  ],
])('a heartbeat %s is not believed', (_, frame, fault) => {
  expect(parseHeartbeat(frame, sealed)).toBe(fault);
});

test('a size that reaches over the frame, or is none, is not believed', () => {
  for (const size of [0, 31, 83, 2000, 65_535]) {
    const frame = frameOf({ claims: [] }, open);
    frame.writeUInt16BE(size, 20);
    expect(parseHeartbeat(frame, open)).toBe('truncated');
  }
});

test.each<[string, Partial<Heartbeat>]>([
  ['a name that is too long', { node: 'n'.repeat(254) }],
  ['a name that is none', { node: 'Node 1' }],
  ['a boot id that is no UUID', { bootId: 'boot-1' }],
  ['a MAC that is none', { mac: '' }],
  ['an address that is none', { claims: [{ ...v4, address: '192.0.2.300' }] }],
])('we send no heartbeat with %s', (_, changes) => {
  expect(() => frameOf(changes)).toThrow(/^not a|^boot id is not/);
});
