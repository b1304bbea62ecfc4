import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GceServer, startGceServer } from '../../../support/gcp/gce-server.ts';

const script = fileURLToPath(new URL('connect-once.ts', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'fairlead-credentials-'));
let gce: GceServer;
let metadata: Server;

beforeAll(async () => {
  gce = await startGceServer({ token: 'the-token' });
  metadata = createServer(answerMetadata);
  await new Promise<void>(resolve => metadata.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  metadata.close();
  await gce.close();
  rmSync(home, { recursive: true });
});

/** As GKE's metadata server with Workload Identity answers, and a token exchange of a federation. */
function answerMetadata({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const json = { 'content-type': 'application/json', 'metadata-flavor': 'Google' };
  const text = { 'content-type': 'application/text', 'metadata-flavor': 'Google' };
  if (url.includes('/token')) {
    response.writeHead(200, json);
    response.end(
      JSON.stringify({
        access_token: 'the-token',
        expires_in: 3_600,
        token_type: 'Bearer',
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      }),
    );
    return;
  }
  response.writeHead(200, text);
  response.end(url.includes('project-id') ? 'demo-project' : url.includes('universe') ? 'googleapis.com' : 'ok');
}

const nowhere = { METADATA_SERVER_DETECTION: 'none' };
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** The only line that the process prints. */
async function connect(options: object, env: Readonly<Record<string, string>> = nowhere): Promise<unknown> {
  const given = JSON.stringify({ project: 'demo-project', region: 'europe-west1', endpoint: gce.endpoint, ...options });
  const { stdout } = await promisify(execFile)(process.execPath, [script, given], {
    env: { HOME: home, PATH: process.env['PATH'], ...env },
  });
  return JSON.parse(stdout);
}

test('none at all: one line with the remedy, and no rejection that nobody handles', async () => {
  expect(await connect({ credentials: 'default' })).toEqual({
    error: expect.stringMatching(
      /^no Google Cloud credentials \(Could not load .+\): bind the pod’s service account to one of Google Cloud \(Workload Identity\), or set GOOGLE_APPLICATION_CREDENTIALS to a key or a federation file$/,
    ),
  });
});

test('a key that is none: the same line', async () => {
  const file = join(home, 'key.json');
  writeFileSync(file, '{"type":"service_account","client_email":"a@b","private_key":"nonsense"}');
  expect(await connect({ credentials: 'default' }, { ...nowhere, GOOGLE_APPLICATION_CREDENTIALS: file })).toMatchObject(
    { error: expect.stringMatching(/^no Google Cloud credentials \(/) },
  );
});

test('Workload Identity: the metadata server’s token, and its project', async () => {
  const env = { GCE_METADATA_HOST: `127.0.0.1:${portOf(metadata)}` };
  expect(await connect({ credentials: 'default', project: undefined }, env)).toEqual({
    project: 'demo-project',
    found: 0,
  });
});

test('a federation’s file: the token that it is exchanged for', async () => {
  const token = join(home, 'subject-token');
  writeFileSync(token, 'of-the-cluster');
  const file = join(home, 'federation.json');
  const federation = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `http://127.0.0.1:${portOf(metadata)}/token`,
    credential_source: { file: token },
  };
  writeFileSync(file, JSON.stringify(federation));
  expect(await connect({ credentials: 'default' }, { ...nowhere, GOOGLE_APPLICATION_CREDENTIALS: file })).toEqual({
    project: 'demo-project',
    found: 0,
  });
});

test('a token of the environment', async () => {
  expect(await connect({ credentials: 'token' }, { ...nowhere, GOOGLE_OAUTH_ACCESS_TOKEN: 'the-token' })).toEqual({
    project: 'demo-project',
    found: 0,
  });
});

test('a token that the API does not know: which credentials to correct', async () => {
  expect(await connect({ credentials: 'token' }, { ...nowhere, GOOGLE_OAUTH_ACCESS_TOKEN: 'another' })).toEqual({
    error: 'Google Cloud refuses healthChecks.list (authError): correct the credentials that fairlead runs with',
  });
});

test('no token in the environment: which variable to set', async () => {
  expect(await connect({ credentials: 'token' })).toEqual({
    error: 'no Google Cloud access token: set GOOGLE_OAUTH_ACCESS_TOKEN, or leave credentials at "default"',
  });
});

test('none, for a test endpoint, needs a project', async () => {
  expect(await connect({ project: undefined })).toEqual({
    error: 'no Google Cloud project: name it in the provider’s config, {"project": "…"}',
  });
});

test('an endpoint that is none: how it is written', async () => {
  expect(await connect({ endpoint: '127.0.0.1:8080' })).toEqual({
    error: 'no endpoint of Compute Engine: 127.0.0.1:8080: it is like https://compute.example.com:443, without a path',
  });
});
