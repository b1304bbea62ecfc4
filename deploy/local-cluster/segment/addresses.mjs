/**
 * The addresses of a segment, out of the ranges for benchmarks (RFC 2544: 198.18.0.0/15) and for documentation (RFC 3849: 2001:db8::/32).
 * All but `control` are seen inside namespaces only, so every run may use the same.
 *
 * | what                  | IPv4                                | IPv6                    |
 * |-----------------------|-------------------------------------|-------------------------|
 * | the segment           | 198.18.0.0/16                       | 2001:db8:18::/64        |
 * | node 1, 2 …           | 198.18.255.11, .12 …                | 2001:db8:18::ff:11 …    |
 * | client 1, 2 …         | 198.18.255.201, .202 …              | 2001:db8:18::ff:201 …   |
 * | the nodes' gateway    | 198.18.255.254                      | 2001:db8:18::ff:254     |
 * | free for pools        | 198.18.0.0 – 198.18.254.255         | all below ::ff:0        |
 * | pods of node 1, 2 …   | 198.19.1.0/24 …                     | 2001:db8:19:1::/64 …    |
 * | control network       | 198.19.128.0/24 – 198.19.255.0/24, one a run | none           |
 */

export const segmentPrefix = { v4: 16, v6: 64 };
export const gateway = { v4: '198.18.255.254', v6: '2001:db8:18::ff:254' };
export const podNetworks = ['198.19.0.0/17', '2001:db8:19::/48'];
export const podPrefix = { v4: 24, v6: 64 };

/** @typedef {{ v4: string, v6: string }} DualAddress */

/** @param {number} index 1 to 99 */
export function nodeAddress(index) {
  return { v4: `198.18.255.${10 + index}`, v6: `2001:db8:18::ff:${10 + index}` };
}

/** @param {number} index 1 to 50 */
export function clientAddress(index) {
  return { v4: `198.18.255.${200 + index}`, v6: `2001:db8:18::ff:${200 + index}` };
}

/**
 * @param {number} node
 * @param {number} host 1 is the node itself
 */
export function podAddress(node, host) {
  return { v4: `198.19.${node}.${host}`, v6: `2001:db8:19:${node}::${host}` };
}

/** @param {number} node */
export function podNetwork(node) {
  return { v4: `198.19.${node}.0/${podPrefix.v4}`, v6: `2001:db8:19:${node}::/${podPrefix.v6}` };
}

/**
 * By which the nodes reach the API server, whatever happens on the segment.
 * @param {number} network 0 to 127, of this run
 * @param {number} host 1 is the API server, 2 this process, 10 + n the nth node
 */
export function controlAddress(network, host) {
  return `198.19.${128 + network}.${host}`;
}

/**
 * Readable in a trace, and the same in every run: nothing of one segment reaches another.
 * @param {number} host
 */
export function macOf(host) {
  return `02:00:00:00:00:${host.toString(16).padStart(2, '0')}`;
}
