import { beforeAll, describe, expect, test } from 'vitest';
import type { Pod, SegmentNode } from '../../deploy/local-cluster/segment/segment.mjs';
import { answerByKernel } from '../support/e2e/answer-by-kernel.ts';
import { askHttp, askUdp, hostOf, noAnswer, statusOf } from '../support/e2e/ask.ts';
import { describeInLab } from '../support/e2e/describe-in-lab.ts';
import { type Exposed, expose } from '../support/e2e/expose.ts';

const ports = [
  { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
  { name: 'echo', port: 5353, targetPort: 8080, protocol: 'UDP' },
] as const;

const patience = { timeout: 15_000, interval: 100 };

describe.each(['nftables', 'iptables'] as const)('with kube-proxy in mode %s', proxyMode => {
  describeInLab('a Service is reached', { proxyMode }, lab => {
    let pods: { readonly onB: Pod; readonly onC: Pod };
    let announcing: SegmentNode;

    beforeAll(async () => {
      const { segment } = lab();
      announcing = segment.node('node-a');
      const [onB, onC] = await Promise.all([
        lab().addEchoPod(segment.node('node-b')),
        lab().addEchoPod(segment.node('node-c')),
      ]);
      pods = { onB, onC };
    });

    describe.each([
      { family: 'v4', external: '198.18.0.1' },
      { family: 'v6', external: '2001:db8:18::1:1' },
    ] as const)('over IP$family', ({ family, external }) => {
      let service: Exposed;

      beforeAll(async () => {
        service = await expose(lab(), { ports, backends: [pods.onB, pods.onC] });
        await service.publish(external);
        await answerByKernel(lab().segment, announcing, [external]);
      });

      const ways = (port: 'http' | 'echo') => ({
        external: {
          from: lab().segment.client,
          to: external,
          port: ports.find(({ name }) => name === port)?.port ?? 0,
        },
        nodePort: { from: lab().segment.client, to: announcing[family], port: service.nodePort(port) },
        cluster: {
          from: announcing,
          to: service.clusterAddress[family],
          port: ports.find(({ name }) => name === port)?.port ?? 0,
        },
      });

      test.each(['external', 'nodePort', 'cluster'] as const)('by TCP at its %s address', async way => {
        const { from, to, port } = ways('http')[way];
        await expect
          .poll(() => askHttp(from, `http://${hostOf(to)}:${port}/`), patience)
          .toMatchObject({ backend: expect.stringMatching(/^pod-[bc]-10$/) });
      });

      test.each(['external', 'nodePort', 'cluster'] as const)('by UDP at its %s address', async way => {
        const { from, to, port } = ways('echo')[way];
        await expect
          .poll(() => askUdp(from, to, port), patience)
          .toMatchObject({ backend: expect.stringMatching(/^pod-[bc]-10$/) });
      });
    });

    describe('under externalTrafficPolicy Local', () => {
      const external = '198.18.0.2';
      let service: Exposed;

      beforeAll(async () => {
        service = await expose(lab(), {
          ports,
          backends: [pods.onB],
          spec: { externalTrafficPolicy: 'Local' },
        });
        await service.publish(external);
        await answerByKernel(lab().segment, lab().segment.node('node-b'), [external]);
      });

      test('with the address of the client kept', async () => {
        const { client } = lab().segment;
        await expect
          .poll(() => askHttp(client, `http://${external}/`), patience)
          .toMatchObject({ backend: 'pod-b-10', client: client.v4 });
        expect(await askUdp(client, external, 5353)).toMatchObject({ backend: 'pod-b-10', client: client.v4 });
      });

      test('only at nodes with an endpoint, which the health-check node port tells from the others', async () => {
        const { client, nodes } = lab().segment;
        const healthPort = service.healthCheckNodePort ?? 0;
        const healthOf = async () =>
          Promise.all(nodes.map(({ v4 }) => statusOf(client, `http://${v4}:${healthPort}/`)));
        await expect.poll(healthOf, patience).toEqual([503, 200, 503]);
        const [atA, atB] = await Promise.all(
          nodes.slice(0, 2).map(({ v4 }) => askHttp(client, `http://${v4}:${service.nodePort('http')}/`)),
        );
        expect(atA).toBe(noAnswer);
        expect(atB).toMatchObject({ backend: 'pod-b-10', client: client.v4 });
      });
    });
  });
});
