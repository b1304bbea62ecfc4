import { expect, test } from 'vitest';
import { readConfig } from '../../../providers/gcp/config.ts';

const least = { project: 'my-project', region: 'europe-west1' };

test('project and region are enough', () => {
  expect(readConfig(least)).toEqual({
    ...least,
    network: 'default',
    tier: 'PREMIUM',
    targetTags: [],
    firewall: 'managed',
    ports: 'rules',
    mixedProtocols: 'split',
    verifySeconds: 300,
  });
});

test('what the operator writes is read', () => {
  const given = {
    ...least,
    tier: 'Standard',
    credentials: 'adc',
    targetTags: ['nodes'],
    endpoint: { host: '127.0.0.1', port: 1 },
  };
  expect(readConfig(given)).toMatchObject({ tier: 'STANDARD', credentials: 'default', targetTags: ['nodes'] });
});

test.each([
  ['nothing', undefined, /must be an object/],
  ['a list', [], /must be an object/],
  ['no project and no region', {}, /config.project is missing.*config.region is missing/],
  ['a misspelt key', { ...least, netwrok: 'x' }, 'config.netwrok is not known: is network meant?'],
  [
    'a bad word and a bad list',
    { ...least, tier: 'Gold', targetTags: 'x' },
    /config.tier must be Premium or Standard; config.targetTags must be a list/,
  ],
  ['a key that is nobody’s', { ...least, '\n': 'x' }, /config."\\n" is not known: use project, /],
  ['a bad endpoint', { ...least, endpoint: 'http://x' }, /config.endpoint must be an object/],
])('%s is refused', (_name, given, message) => {
  expect(() => readConfig(given)).toThrow(message);
});
