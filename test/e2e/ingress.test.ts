import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Pod } from '../../deploy/local-cluster/segment/segment.mjs';
import { type Answer, askHttp, noAnswer } from '../support/e2e/ask.ts';
import { describeInLab } from '../support/e2e/describe-in-lab.ts';
import { type Exposed, expose } from '../support/e2e/expose.ts';
import { makeCertificates } from '../support/e2e/ingress/certificates.ts';
import { httpsPort, proxies } from '../support/e2e/ingress/proxies.ts';

const patience = { timeout: 15_000, interval: 100 };

/** Who serves what: the last letter of the pod's node. */
const table = [
  { url: 'https://shop.example/', host: 'shop.example', path: '', pod: 'pod-a-10' },
  { url: 'https://shop.example/api/orders', host: 'shop.example', path: '/api', pod: 'pod-b-10' },
  { url: 'https://blog.example/', host: 'blog.example', path: '', pod: 'pod-c-10' },
  { url: 'https://blog.example/feed?format=atom', host: 'blog.example', path: '/feed', pod: 'pod-a-11' },
] as const;
const hosts = ['shop.example', 'blog.example'];

const packages = ['openssl', 'nginx-light', 'haproxy'];

describeInLab('an Ingress behind one address', { packages }, running => {
  let service: Exposed;
  let ca = '';

  /** One backend of the Service for each proxy, on its own node. */
  const backendOf = (name: 'nginx' | 'haproxy') => {
    const node = running().lab.segment.node(name === 'nginx' ? 'node-b' : 'node-c');
    return { node, v4: node.v4, v6: node.v6 };
  };

  beforeAll(async () => {
    const { lab } = running();
    const { segment, cluster } = lab;
    const [a, b, c] = segment.nodes.map(({ name }) => segment.node(name));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three nodes are needed');
    const pods: Pod[] = [];
    for (const node of [a, b, c, a]) pods.push(await lab.addEchoPod(node));
    const certificates = await makeCertificates(cluster.dir, hosts);
    ca = certificates.ca;
    const routes = table.map(({ host, path, pod }) => {
      const address = pods.find(({ name }) => name === pod)?.v4 ?? '';
      return { host, path, upstream: `${address}:8080` };
    });
    for (const proxy of proxies) {
      const dir = join(cluster.dir, proxy.name);
      mkdirSync(dir);
      proxy.start(backendOf(proxy.name).node, dir, routes, certificates.pem);
    }
    service = await expose(lab, {
      ports: [{ name: 'https', port: 443, targetPort: httpsPort }],
      backends: [],
      spec: { externalTrafficPolicy: 'Local' },
    });
  });

  /** Certificates are checked, each against its own host's name. */
  const browse = (url: string, address: string) => {
    const { client } = running().lab.segment;
    const { hostname } = new URL(url);
    return askHttp(client, url, '--cacert', ca, '--resolve', `${hostname}:443:${address}`);
  };

  describe.each(proxies)('served by $name', ({ name }) => {
    beforeAll(async () => {
      await service.setBackends([backendOf(name)]);
    });

    test.each(table)('TLS, host and path lead $url to $pod', async ({ url, pod, host }) => {
      await expect.poll(() => browse(url, service.external.v4), patience).toMatchObject({ backend: pod, host });
    });

    test('the same over IPv6', async () => {
      for (const { url, pod } of table)
        await expect.poll(() => browse(url, service.external.v6), patience).toMatchObject({ backend: pod });
    });

    test('the application hears of the address of the client', async () => {
      const { client } = running().lab.segment;
      const ask = async (address: string) => seen(await browse('https://shop.example/', address));
      await expect.poll(() => ask(service.external.v4), patience).toBe(client.v4);
      await expect.poll(() => ask(service.external.v6), patience).toBe(client.v6);
    });
  });
});

/** HAProxy's dual-stack listener sees IPv4 clients as such. */
function seen(answer: Answer | typeof noAnswer): string | undefined {
  return answer === noAnswer ? undefined : answer.forwardedFor;
}
