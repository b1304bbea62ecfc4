import { expect, test } from 'vitest';
import { planBackendService } from '../../../../providers/gcp/plan/plan-backend-service.ts';

const group = 'projects/p/zones/z/instanceGroups/g';
const wanted = {
  name: 'b',
  protocol: 'TCP',
  sessionAffinity: 'NONE',
  healthChecks: ['shared'],
  connectionDraining: { drainingTimeoutSec: 30 },
} as const;
const found = { ...wanted, backends: [{ group, balancingMode: 'CONNECTION' }] } as const;

function plan(changes: object, wants: object = {}, options: object = {}) {
  return planBackendService({
    wanted: { ...wanted, ...wants },
    found: { ...found, ...changes },
    groups: [group],
    drainSeconds: undefined,
    ruleProtocols: ['TCP'],
    ...options,
  });
}

test.each([
  ['nothing', {}, {}, {}, undefined],
  ['affinity', {}, { sessionAffinity: 'CLIENT_IP' }, {}, { sessionAffinity: 'CLIENT_IP' }],
  ['another health check', {}, { healthChecks: ['own'] }, {}, { healthChecks: ['own'] }],
  ['draining that somebody has set stays', { connectionDraining: { drainingTimeoutSec: 60 } }, {}, {}, undefined],
  ['draining that is asked for', {}, {}, { drainSeconds: 60 }, { connectionDraining: { drainingTimeoutSec: 60 } }],
  ['a protocol while rules of another are there', {}, { protocol: 'UDP' }, {}, { protocol: 'UNSPECIFIED' }],
  ['a protocol without rules', {}, { protocol: 'UDP' }, { ruleProtocols: [] }, { protocol: 'UDP' }],
  ['a service of every protocol stays', { protocol: 'UNSPECIFIED' }, { protocol: 'UDP' }, {}, undefined],
  [
    'a zone more',
    {},
    {},
    { groups: [group, 'h'] },
    { backends: [...found.backends, { group: 'h', balancingMode: 'CONNECTION' }] },
  ],
  ['a zone less: its group is empty, and stays', {}, {}, { groups: [] }, undefined],
  [
    'somebody’s group stays',
    { backends: [{ group: 'x' }] },
    {},
    {},
    { backends: [{ group: 'x' }, { group, balancingMode: 'CONNECTION' }] },
  ],
  ['weights', {}, { localityLbPolicy: 'WEIGHTED_MAGLEV' }, {}, { localityLbPolicy: 'WEIGHTED_MAGLEV' }],
  ['no weights any more', { localityLbPolicy: 'WEIGHTED_MAGLEV' }, {}, {}, { localityLbPolicy: 'MAGLEV' }],
  ['a policy of somebody’s stays', { localityLbPolicy: 'MAGLEV' }, {}, {}, undefined],
])('%s', (_name, changes, wants, options, expected) => {
  expect(plan(changes, wants, options)).toEqual(expected);
});
