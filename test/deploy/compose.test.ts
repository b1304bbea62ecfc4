import { readFileSync } from 'node:fs';
import { loadYaml } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { emulators } from '../../deploy/kind/aws-overlay.mjs';

/** No docker here: what the file says is held against what relies on it. */
interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
}
interface ComposeService {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly ports: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { services } = loadYaml<Compose>(read('docker-compose.yml'));

test('moto is there without asking, in the version that the tests run against', () => {
  const version = /^moto==(.+)$/m.exec(read('deploy/local-cluster/moto/requirements.txt'))?.[1];
  expect(services['moto']).toMatchObject({ image: `motoserver/moto:${version}` });
  expect(services['moto']?.profiles).toBeUndefined();
});

test('LocalStack is there only by its profile, with the token of who starts it', () => {
  expect(services['localstack']).toMatchObject({
    profiles: ['localstack'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: compose fills it in
    environment: { LOCALSTACK_AUTH_TOKEN: '${LOCALSTACK_AUTH_TOKEN:-}' },
  });
});

test('each listens where the kind script looks for it, and for this machine only', () => {
  const ports = Object.entries(services).map(([name, service]) => [name, service.ports]);
  expect(Object.fromEntries(ports)).toEqual(
    Object.fromEntries(Object.entries(emulators).map(([name, port]) => [name, [`127.0.0.1:${port}:${port}`]])),
  );
});
