import { expect, test } from 'vitest';
import { flagArguments } from '../../../deploy/local-cluster/cluster-flags.mjs';
import { kubeconfigText, tokenFileText } from '../../../deploy/local-cluster/kubeconfig.mjs';

test('a kubeconfig logs its user in', () => {
  const config = JSON.parse(kubeconfigText({ url: 'https://127.0.0.1:1', caPem: 'CA', user: 'ann', token: 't' }));
  expect(config.clusters[0].cluster).toEqual({
    server: 'https://127.0.0.1:1',
    'certificate-authority-data': Buffer.from('CA').toString('base64'),
  });
  expect(config.users).toEqual([{ name: 'ann', user: { token: 't' } }]);
  expect(config.contexts[0].name).toBe(config['current-context']);
});

test('the token file keeps groups and quotes in their fields', () => {
  const users = [
    { name: 'admin', token: 'a', groups: ['system:masters', 'x'] },
    { name: 'o"neil', token: 'b', groups: [] },
  ];
  expect(tokenFileText(users)).toBe('"a","admin","admin","system:masters,x"\n"b","o""neil","o""neil",""\n');
});

test('a null takes a flag away', () => {
  expect(flagArguments({ v: '2', 'bind-address': null })).toEqual(['--v=2']);
});
