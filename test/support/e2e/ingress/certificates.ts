import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A certificate and key for each host, signed by a CA of the test's own.
 * @returns the CA's certificate, and by host a file with key, certificate and chain: nginx and HAProxy both read that
 */
export async function makeCertificates(
  dir: string,
  hosts: readonly string[],
): Promise<{ readonly ca: string; readonly pem: ReadonlyMap<string, string> }> {
  const ca = join(dir, 'ca.crt');
  const caKey = join(dir, 'ca.key');
  await openssl('req', '-x509', ...newKey(caKey), '-subj', '/CN=the test CA', '-days', '2', '-out', ca);
  const pem = new Map<string, string>();
  for (const host of hosts) {
    const [key, certificate, both] = [`${host}.key`, `${host}.crt`, `${host}.pem`].map(name => join(dir, name)) as [
      string,
      string,
      string,
    ];
    const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    const signing = ['-CA', ca, '-CAkey', caKey, '-days', '2'];
    await openssl('req', '-x509', ...newKey(key), ...subject, ...signing, '-out', certificate);
    await writeFile(both, Buffer.concat([await readFile(certificate), await readFile(key)]), { mode: 0o600 });
    pem.set(host, both);
  }
  return { ca, pem };
}

function newKey(file: string): readonly string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', file];
}

async function openssl(...args: readonly string[]): Promise<void> {
  await run('openssl', args);
}
