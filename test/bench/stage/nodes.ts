import { eachAtOnce } from '../deadline.ts';
import type { Api } from './api.ts';

/** As many as a kubelet reports (nodeStatusMaxImages): most of a Node's bytes. */
const imagesPerNode = 50;

let made = 0;

/** New Nodes, as large as real ones. */
export async function createNodes(api: Api, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, () => ++made);
  await eachAtOnce(numbers, 16, async number => {
    await api.request('POST', '/api/v1/nodes', nodeOf(number));
  });
}

function nodeOf(number: number): object {
  const name = `node-${number}`;
  const address = `172.16.${number >> 8}.${number & 255}`;
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${number % 3}` } },
    spec: { providerID: `bench:///zone-${number % 3}/${name}` },
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map(type => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        reason: 'KubeletHasNoPressure',
        message: 'kubelet has nothing to complain about',
      })),
      images: Array.from({ length: imagesPerNode }, (_, image) => ({
        names: [
          `registry.example.com/team-${image}/application@sha256:${String(image).repeat(32).slice(0, 64)}`,
          `registry.example.com/team-${image}/application:v1.${image}`,
        ],
        sizeBytes: 100_000_000 + image,
      })),
    },
  };
}
