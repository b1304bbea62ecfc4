import { beforeAll, describe, expect, test } from 'vitest';
import type { Pod } from '../../deploy/local-cluster/segment/segment.mjs';
import { askHttp, askUdp, hostOf, noAnswer, statusOf } from '../support/e2e/ask.ts';
import { describeInLab } from '../support/e2e/describe-in-lab.ts';
import { type Exposed, expose } from '../support/e2e/expose.ts';
import { whoAnswers } from '../support/e2e/who-answers.ts';

const ports = [
  { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
  { name: 'echo', port: 53, targetPort: 8080, protocol: 'UDP' },
] as const;

const packages = ['iputils-arping', 'ndisc6'];
const patience = { timeout: 15_000, interval: 100 };

describe.each(['nftables', 'iptables'] as const)('with kube-proxy in mode %s', proxyMode => {
  describeInLab('a Service is reached', { proxyMode, packages }, running => {
    let pods: { readonly onB: Pod; readonly onC: Pod };

    beforeAll(async () => {
      const { lab } = running();
      const [onB, onC] = await Promise.all(['node-b', 'node-c'].map(name => lab.addEchoPod(lab.segment.node(name))));
      if (onB === undefined || onC === undefined) throw new Error('two pods are needed');
      pods = { onB, onC };
    });

    describe('of externalTrafficPolicy Cluster', () => {
      let service: Exposed;
      beforeAll(async () => {
        service = await expose(running().lab, { ports, backends: [pods.onB, pods.onC] });
      });

      /** The three ways in, to one port. */
      const ways = (family: 'v4' | 'v6', index: 0 | 1) => {
        const { segment } = running().lab;
        const { client } = segment;
        const node = segment.node('node-a');
        const { name, port } = ports[index];
        return {
          external: { from: client, to: service.external[family], port },
          'node:port': { from: client, to: node[family], port: service.nodePort(name) },
          cluster: { from: node, to: service.cluster[family], port },
        };
      };
      const rows = (['v4', 'v6'] as const).flatMap(family =>
        (['external', 'node:port', 'cluster'] as const).map(way => ({ family, way })),
      );
      const onePod = { backend: expect.stringMatching(/^pod-[bc]-10$/) };

      test.each(rows)('by TCP at its $way address, IP$family', async ({ family, way }) => {
        const { from, to, port } = ways(family, 0)[way];
        await expect.poll(() => askHttp(from, `http://${hostOf(to)}:${port}/`), patience).toMatchObject(onePod);
      });

      test.each(rows)('by UDP at its $way address, IP$family', async ({ family, way }) => {
        const { from, to, port } = ways(family, 1)[way];
        await expect.poll(() => askUdp(from, to, port), patience).toMatchObject(onePod);
      });

      test.each(['v4', 'v6'] as const)('by the hardware address of one node only, IP%s', async family => {
        const { segment } = running().lab;
        await expect.poll(() => whoAnswers(segment, service.external[family]), patience).toHaveLength(1);
      });
    });

    describe('of externalTrafficPolicy Local', () => {
      let service: Exposed;
      beforeAll(async () => {
        const spec = { externalTrafficPolicy: 'Local' } as const;
        service = await expose(running().lab, { ports, backends: [pods.onB], spec });
      });

      test.each(['v4', 'v6'] as const)('with the address of the client kept, IP%s', async family => {
        const { client } = running().lab.segment;
        const asSeen = { backend: 'pod-b-10', client: client[family] };
        const address = service.external[family];
        await expect.poll(() => askHttp(client, `http://${hostOf(address)}/`), patience).toMatchObject(asSeen);
        await expect.poll(() => askUdp(client, address, 53), patience).toMatchObject(asSeen);
      });

      test('by a node with an endpoint, which the health-check node port tells from the others', async () => {
        const { segment } = running().lab;
        const { client, nodes } = segment;
        const healthPort = service.healthCheckNodePort ?? 0;
        const healthOf = async () =>
          Promise.all(nodes.map(({ v4 }) => statusOf(client, `http://${v4}:${healthPort}/`)));
        await expect.poll(healthOf, patience).toEqual([503, 200, 503]);
        expect(await whoAnswers(segment, service.external.v4)).toEqual(['node-b']);
        const [atA, atB] = await Promise.all(
          nodes.slice(0, 2).map(({ v4 }) => askHttp(client, `http://${v4}:${service.nodePort('http')}/`)),
        );
        expect(atA).toBe(noAnswer);
        expect(atB).toMatchObject({ backend: 'pod-b-10', client: client.v4 });
      });

      test('by another node when the endpoints have moved there', async () => {
        const { segment } = running().lab;
        await service.setBackends([pods.onC]);
        await expect.poll(() => whoAnswers(segment, service.external.v4), patience).toEqual(['node-c']);
        await expect.poll(() => whoAnswers(segment, service.external.v6), patience).toEqual(['node-c']);
        await expect
          .poll(() => askHttp(segment.client, `http://${service.external.v4}/`), patience)
          .toMatchObject({ backend: 'pod-c-10', client: segment.client.v4 });
      });

      test('by nobody while there is no endpoint', async () => {
        const { segment } = running().lab;
        await service.setBackends([]);
        await expect.poll(() => whoAnswers(segment, service.external.v4), patience).toEqual([]);
      });
    });
  });
});
