import { randomUUID } from 'node:crypto';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { isRead } from '../fake-aws.ts';
import { ec2 } from '../services/ec2.ts';
import { elasticLoadBalancing } from '../services/elastic-load-balancing.ts';
import { errorXml } from '../wire/answer-xml.ts';
import { Refusal } from '../wire/refusal.ts';
import { type AwsCall, CallLog } from './call-log.ts';
import { ProvisioningMask } from './provisioning-mask.ts';
import { ProxyFaults } from './proxy-faults.ts';

export interface AwsProxy {
  readonly url: string;
  readonly log: CallLog;
  readonly faults: ProxyFaults;
  /** New load balancers are shown as `provisioning` until the returned function is called. */
  holdBack(): () => void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** In front of the fake or of moto: keeps a log of all requests, and spoils some when a test says so. */
export async function startAwsProxy(target: string): Promise<AwsProxy> {
  const agent = new Agent({ keepAlive: true });
  const [log, faults, mask] = [new CallLog(), new ProxyFaults(), new ProvisioningMask()];
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 600_000;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, log, faults, holdBack: () => mask.holdBack(), close };

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const text = await readText(incoming);
    const call = callOf(text);
    log.calls.push(call);
    const fate = faults.fateOf(call);
    await faults.released;
    const delayMs = call.isMutation ? faults.delays.writeMs : faults.delays.readMs;
    if (delayMs > 0) await wait(delayMs);
    if (outgoing.destroyed) return; // the client has given up
    const answer = await answerTo(fate, call, incoming, text);
    if (answer === undefined) {
      call.status = 0;
      outgoing.destroy();
      return;
    }
    call.status = answer.status;
    const code = /<Code>([^<]+)<\/Code>/.exec(answer.status === 200 ? '' : answer.body)?.[1];
    if (code !== undefined) call.code = code;
    const body = mask.apply(call.action, answer.body);
    outgoing.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? 'text/xml' });
    call.endedAt = performance.now(); // before the client has it, and so before what the client does next
    outgoing.end(body);
  }

  /** `undefined`: none arrives. */
  async function answerTo(
    fate: ReturnType<ProxyFaults['fateOf']>,
    call: AwsCall,
    incoming: IncomingMessage,
    text: string,
  ): Promise<Answer | undefined> {
    if (fate === 'before') return undefined;
    if (typeof fate === 'object') return { status: fate.status, headers: {}, body: refusalXml(call, fate) };
    const answer = await ask(target, agent, incoming, text);
    return fate === 'after' ? undefined : answer;
  }

  async function close(): Promise<void> {
    faults.clear();
    agent.destroy();
    server.closeAllConnections();
    await new Promise<void>(resolve => server.close(() => resolve()));
  }
}

function callOf(text: string): AwsCall {
  const { Action: action = '', Version: version, ...params } = Object.fromEntries(new URLSearchParams(text));
  const service = version === ec2.version ? 'ec2' : 'elasticloadbalancing';
  return { service, action, params, isMutation: !isRead(action), at: performance.now() };
}

function refusalXml(
  { service }: AwsCall,
  { code, status }: { readonly code: string; readonly status: number },
): string {
  const refusal = new Refusal(code, `${code}, as the test has ordered`, status);
  return errorXml(service === 'ec2' ? ec2 : elasticLoadBalancing, refusal, randomUUID());
}

function ask(target: string, agent: Agent, { method, url, headers }: IncomingMessage, text: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url ?? '/', target), { method, headers, agent }, answer => {
      readText(answer).then(
        body => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body }),
        reject,
      );
    });
    sent.once('error', reject);
    sent.end(text);
  });
}
