import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Clock, systemClock } from '../../src/kube/clock.ts';
import { type Credentials, loadClusterAccess, withTokenFiles } from '../../src/kube/kube-config.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kube-config-'));
  vi.stubEnv('KUBECONFIG', '');
  vi.stubEnv('HOME', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A kubeconfig with one cluster, one user and one context of these names. */
function config(name: string, user = 'token: t0ken', server = `https://${name}:6443`): string {
  return `
apiVersion: v1
kind: Config
current-context: ${name}
clusters: [{ name: ${name}, cluster: { server: '${server}' } }]
contexts: [{ name: ${name}, context: { cluster: ${name}, user: ${name} } }]
users:
- name: ${name}
  user:
    ${user}
`;
}

async function credentials(kubeconfig: string, clock: Clock = systemClock): Promise<Credentials> {
  return (await loadClusterAccess({ kubeconfig, clock })).evaluate();
}

async function failure(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'KubeConfigError' });
  const { message, cause } = error as Error;
  expect(message).not.toContain('\n');
  expect(cause).toBeUndefined();
  return message;
}

describe('where it is looked for', () => {
  test('the file that is named', async () => {
    const access = await loadClusterAccess({ kubeconfig: file('a', config('a')), clock: systemClock });
    expect(access.server).toBe('https://a:6443');
    expect(await access.evaluate()).toMatchObject({ headers: { authorization: 'Bearer t0ken' } });
  });

  test('$KUBECONFIG, several files: the first entry of a name wins, files that are not there are passed over', async () => {
    const first = file('first', config('a', 'token: first'));
    const second = file('second', config('b', 'token: second'));
    const third = file('third', config('a', 'token: third', 'https://other'));
    vi.stubEnv('KUBECONFIG', [join(folder, 'none'), first, second, third].join(':'));
    const current = await loadClusterAccess({ clock: systemClock });
    expect(current.server).toBe('https://a:6443');
    expect((await current.evaluate()).headers['authorization']).toBe('Bearer first');
    const other = await loadClusterAccess({ context: 'b', clock: systemClock });
    expect((await other.evaluate()).headers['authorization']).toBe('Bearer second');
  });

  test('~/.kube/config', async () => {
    mkdirSync(join(folder, '.kube'));
    file('.kube/config', config('home'));
    expect((await loadClusterAccess({ clock: systemClock })).server).toBe('https://home:6443');
  });

  test('nowhere: the error names the remedy', async () => {
    expect(await failure(loadClusterAccess({ clock: systemClock }))).toMatch(
      /no kubeconfig at .*--kubeconfig or in KUBECONFIG/,
    );
  });
});

describe('what can be wrong with it', () => {
  test.each([
    ['a file that is not there', undefined, /cannot read .*ENOENT.*--kubeconfig/],
    ['an empty file', '', /no valid YAML near line 1; correct the file/],
    ['a list', '- a', /is empty or no kubeconfig|no current context/],
    ['broken YAML', 'a: [b\nc: token: s3cret', /no valid YAML near line \d/],
    ['a cluster without a server', 'clusters: [{name: a, cluster: {}}]', /clusters\[0\]\.cluster\.server is missing/],
    ['a server that is a number', 'clusters: [{name: a, cluster: {server: 5}}]', /is empty or no kubeconfig/],
    ['no current context', config('a').replace('current-context: a', ''), /no current context: choose one .* a\)/],
    ['a user that is not there', config('a').replace('user: a', 'user: x'), /user that is not there, "x"/],
    ['a cluster that is not there', config('a').replace('cluster: a', 'cluster: x'), /cluster that is not there, "x"/],
    ['an http server', config('a', 'token: s3cret', 'http://a'), /no https address: correct it/],
    ['a server that is no address', config('a', 'token: s3cret', 'a:6443'), /no https address/],
    [
      'a certificate file that is not there',
      config('a', 'client-certificate: c.pem'),
      /cannot read .*c\.pem \(ENOENT\)/,
    ],
    ['a token file that is not there', config('a', 'tokenFile: token'), /cannot read .*token \(ENOENT\)/],
  ])('%s', async (_, text, expected) => {
    const path = text === undefined ? join(folder, 'none') : file('config', text);
    const message = await failure(credentials(path));
    expect(message).toMatch(expected);
    expect(message).not.toContain('s3cret');
  });

  test('an unknown context: the known ones are named', async () => {
    const path = file('config', config('a'));
    const message = await failure(loadClusterAccess({ kubeconfig: path, context: 'x', clock: systemClock }));
    expect(message).toBe('the kubeconfig has no context "x": choose one with --context (there are: a)');
  });
});

describe('credentials', () => {
  test('certificates, keys and the server name', async () => {
    file('ca.pem', 'CA');
    const text = config('a', 'client-certificate-data: Q0VSVA==\n    client-key-data: S0VZ').replace(
      'cluster: { server',
      'cluster: { certificate-authority: ca.pem, tls-server-name: kubernetes, server',
    );
    const { tls, headers } = await credentials(file('config', text));
    expect(tls).toEqual({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      servername: 'kubernetes',
    });
    expect(headers).toEqual({});
  });

  test('a token file beside the kubeconfig, without the line end', async () => {
    file('token', 'from-file\n');
    const { headers } = await credentials(file('config', config('a', 'tokenFile: token')));
    expect(headers).toEqual({ authorization: 'Bearer from-file' });
  });

  test.each([
    ['    tokenFile: /a/b', '    "auth-provider": {"name": "tokenFile", "config": {"tokenFile": "/a/b"}}'],
    ['    tokenFile: "b c" # x', '    "auth-provider": {"name": "tokenFile", "config": {"tokenFile": "/f/b c"}} # x'],
    ['{"tokenFile": "/a"}', '{"auth-provider": {"name": "tokenFile", "config": {"tokenFile": "/a"}}}'],
    ['    token: tokenFiles', '    token: tokenFiles'],
  ])('%s is read again as client-node can', (text, expected) => {
    expect(withTokenFiles(text, '/f')).toBe(expected);
  });

  test('impersonation', async () => {
    const { headers } = await credentials(file('config', config('a', 'token: t\n    as: jane')));
    expect(headers).toEqual({ authorization: 'Bearer t', 'impersonate-user': 'jane' });
  });
});

describe('credential plugins', () => {
  function plugin(script: string): string {
    const path = file('plugin', `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return config(
      'a',
      `exec: { apiVersion: client.authentication.k8s.io/v1, command: '${path}', args: [], interactiveMode: Never }`,
    );
  }

  test('give a token, and know what they are asked for', async () => {
    const text = plugin(
      `test "$KUBERNETES_EXEC_INFO" = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}' || exit 1
       echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-plugin"}}'`,
    );
    expect((await credentials(file('config', text))).headers).toEqual({ authorization: 'Bearer from-plugin' });
  });

  test.each([
    [
      'that fail: their first words',
      'echo "session expired" >&2; echo more >&2; exit 1',
      /failed \(session expired\): run it by hand/,
    ],
    ['that answer with something else: not a word of it', 'echo s3cret', /gave nothing usable: run it by hand/],
    ['that answer without a status: not a word of it', `echo '{"token":"s3cret"}'`, /gave nothing usable/],
  ])('%s', async (_, script, expected) => {
    const message = await failure(credentials(file('config', plugin(script))));
    expect(message).toMatch(expected);
    expect(message).not.toMatch(/s3cret|more/);
  });

  test('that are not installed', async () => {
    const text = config('a', 'exec: { apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin }');
    expect(await failure(credentials(file('config', text)))).toMatch(
      /"no-such-plugin" cannot be started \(ENOENT\): install/,
    );
  });

  test('that never answer are given up', async () => {
    const clock = new VirtualClock();
    const access = await loadClusterAccess({ kubeconfig: file('config', plugin('sleep 1')), clock });
    const failed = failure(access.evaluate());
    await clock.run(30_000);
    expect(await failed).toMatch(/failed \(no answer within 30 s\)/);
  });
});
