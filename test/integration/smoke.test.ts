import { expect, test } from 'vitest';
import { kubeRequest, uniqueNamespace } from '../support/cluster.ts';

test('the shared cluster makes namespaces', async () => {
  const name = await uniqueNamespace();
  expect(await kubeRequest('GET', `/api/v1/namespaces/${name}`)).toMatchObject({ metadata: { name } });
});
