import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/kube/clock.ts';
import { connect } from '../../src/kube/connection.ts';
import { sharedCluster } from '../support/cluster.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kube-connection-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function kubeconfig(cluster: string, user: string): string {
  const path = join(folder, 'config');
  const { url } = sharedCluster();
  writeFileSync(
    path,
    `current-context: a
clusters: [{ name: a, cluster: { server: '${url}', ${cluster} } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
users: [{ name: a, user: { ${user} } }]
`,
  );
  return path;
}

function trusted(): string {
  return `certificate-authority-data: ${Buffer.from(sharedCluster().caPem).toString('base64')}`;
}

async function whoAmI(path: string): Promise<string> {
  const connection = await connect({ kubeconfig: path, userAgent: 'test', clock: systemClock });
  try {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const answer = await connection.request<{ status: { userInfo: { username: string } } }>({
      method: 'POST',
      path: review,
      body,
    });
    return answer.status.userInfo.username;
  } finally {
    await connection.close();
  }
}

test('a certificate authority and a token', async () => {
  expect(await whoAmI(sharedCluster().kubeconfig)).toBe(
    await whoAmI(kubeconfig(trusted(), `token: '${sharedCluster().token}'`)),
  );
});

test('a token file that rotates is in use after the first refusal', async () => {
  const file = join(folder, 'token');
  writeFileSync(file, `${sharedCluster().token}\n`);
  const connection = await connect({
    kubeconfig: kubeconfig(trusted(), `tokenFile: '${file}'`),
    userAgent: 'test',
    clock: systemClock,
  });
  await connection.request({ method: 'GET', path: '/api/v1/namespaces/default' });
  await connection.close();
  writeFileSync(file, 'expired');
  const late = await connect({ kubeconfig: join(folder, 'config'), userAgent: 'test', clock: systemClock });
  writeFileSync(file, sharedCluster().token);
  expect(await late.request({ method: 'GET', path: '/api/v1/namespaces/default' })).toMatchObject({
    metadata: { name: 'default' },
  });
  await late.close();
});

test('a server that no known authority vouches for: the error says what to check', async () => {
  await expect(whoAmI(kubeconfig('tls-server-name: x', 'token: x'))).rejects.toThrow(
    /^cannot reach the API server at https:.*certificate is not trusted: check certificate-authority/,
  );
});

test('a token that nobody knows is a 401, and stands in no message', async () => {
  const failed = whoAmI(kubeconfig(trusted(), 'token: s3cret'));
  await expect(failed).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
  await expect(failed).rejects.not.toThrow(/s3cret/);
});

test('a certificate authority that is no certificate: one line that says so', async () => {
  const broken = kubeconfig(`certificate-authority-data: ${Buffer.from('no PEM').toString('base64')}`, 'token: x');
  await expect(whoAmI(broken)).rejects.toThrow(/^[^\n]+$/);
  expect(readFileSync(broken, 'utf8')).toContain('certificate-authority-data');
});
