import { fileURLToPath } from 'node:url';
import type { NetworkNamespace } from '../../../deploy/local-cluster/segment/network-namespace.mjs';

const askUdpProgram = fileURLToPath(new URL('ask-udp.mjs', import.meta.url));

/** What the echo backend says. */
export interface Answer {
  readonly backend: string;
  /** The address that the backend sees. */
  readonly client: string;
  readonly host?: string;
  readonly path?: string;
  readonly forwardedFor?: string;
}

/** Where a question is asked from: a node, a client or a pod. */
export interface Place {
  readonly namespace: NetworkNamespace;
}

/** Nobody answered, or not with 200. A value, so that a poll can wait for its end. */
export const noAnswer = 'no answer';

/** One request by curl, with further options of curl's. */
export async function askHttp(
  from: Place,
  url: string,
  ...options: readonly string[]
): Promise<Answer | typeof noAnswer> {
  return parsed(from.namespace.run('curl', ['-sS', '--fail', '--max-time', '2', ...options, url]));
}

export async function askUdp(from: Place, address: string, port: number): Promise<Answer | typeof noAnswer> {
  return parsed(from.namespace.run(process.execPath, [askUdpProgram, address, String(port)]));
}

/** The status of one request by curl; 0 where nobody answers. */
export async function statusOf(from: Place, url: string): Promise<number> {
  const args = ['-s', '--max-time', '2', '--output', '/dev/null', '--write-out', '%{http_code}', url];
  return Number(await from.namespace.run('curl', args).catch(() => 0));
}

/** As it stands in a URL. */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

async function parsed(output: Promise<string>): Promise<Answer | typeof noAnswer> {
  const text = await output.catch(() => undefined);
  return text === undefined ? noAnswer : (JSON.parse(text) as Answer);
}
