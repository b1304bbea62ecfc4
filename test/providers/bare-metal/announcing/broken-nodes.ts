import type { Fault } from './simulated-node.ts';

/** What must not be, and which of the simulation's schedules must show. */
export const brokenNodes: Readonly<Record<string, Fault>> = {
  'answers although its own heartbeat is old': { ignoresSilence: true },
  'believes every other claim to be younger than its own': {
    hears: heartbeat => ({
      ...heartbeat,
      claims: heartbeat.claims.map(claim => ({ ...claim, since: Number.MAX_SAFE_INTEGER })),
    }),
  },
  'believes every other claim to be older than its own': {
    hears: heartbeat => ({ ...heartbeat, claims: heartbeat.claims.map(claim => ({ ...claim, since: 1 })) }),
  },
  'hears that others live, but not what they claim': { hears: heartbeat => ({ ...heartbeat, total: 0, claims: [] }) },
  'says nothing of what it has given up': {
    says: heartbeat => ({
      ...heartbeat,
      total: Math.max(1, heartbeat.total),
      claims: heartbeat.claims.filter(({ state }) => state !== 'released'),
    }),
  },
  'does not say that it leaves, and yields nothing': {
    says: heartbeat => ({
      ...heartbeat,
      isLeaving: false,
      claims: heartbeat.claims.map(claim => (claim.state === 'yielding' ? { ...claim, state: 'held' } : claim)),
    }),
  },
  'waits for silence for three times as long': { settings: { timeoutMs: 1_050 } },
  'thinks its peers gone after every other heartbeat': { settings: { timeoutMs: 60 } },
};
