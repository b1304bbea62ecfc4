import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Aws } from '../../providers/aws/client/aws.ts';
import { connectAws } from '../../providers/aws/client/connect-aws.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { type FakeAws, startFakeAws } from './aws/fake-aws.ts';

export interface AwsWorld {
  readonly url: string;
  /** Only where the world is our own. */
  readonly fake?: FakeAws;
  close(): Promise<void>;
}

/** What the provider is judged against: our fake with AWS's rules, and moto. */
export const awsWorlds = [
  { name: 'the fake', isMoto: false, start: startFake },
  { name: 'moto', isMoto: true, start: startMoto },
] as const;

/** The provider's door, opened as an operator opens it: by the SDK's variables. */
export async function openDoor(url: string): Promise<Aws> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  return connectAws({ clock: systemClock });
}

async function startFake(): Promise<AwsWorld> {
  const fake = await startFakeAws();
  return { url: fake.url, fake, close: () => fake.close() };
}

async function startMoto(): Promise<AwsWorld> {
  const child: ChildProcess = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`moto_server has ended with ${code}`)));
    if (child.stderr === null) return;
    createInterface(child.stderr).on('line', line => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    url,
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
