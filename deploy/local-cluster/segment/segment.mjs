import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import {
  clientAddress,
  controlAddress,
  gateway,
  macOf,
  nodeAddress,
  podAddress,
  podNetwork,
  podPrefix,
  segmentPrefix,
} from './addresses.mjs';
import { NetworkNamespace } from './network-namespace.mjs';
import { namePrefix, removeStaleNamespaces } from './stale-namespaces.mjs';

const execute = promisify(execFile);

const segmentInterface = 'eth0';
const controlInterface = 'control0';
const podBridge = 'cni0';

/**
 * One host on the segment.
 * @typedef {{ name: string, index: number, namespace: NetworkNamespace, mac: string, v4: string, v6: string }} Member
 */
/** @typedef {Member & { control: string }} SegmentNode */
/** @typedef {{ name: string, node: SegmentNode, namespace: NetworkNamespace, v4: string, v6: string }} Pod */

/**
 * A layer-2 segment of network namespaces: nodes and clients on one bridge. The bridge stands in a namespace of its own (the hub), and so
 * does the control network, by which the nodes reach the API server in the hub, and this process too. In this process's own namespace
 * there is nothing but one end of a cable to the hub.
 */
export class Segment {
  /** By which every member is on the segment. */
  interface = segmentInterface;
  /** @type {SegmentNode[]} */
  nodes = [];
  /** @type {Member[]} */
  clients = [];
  /** @type {Pod[]} */
  pods = [];
  #prefix;
  #network;
  /** @type {NetworkNamespace[]} */
  #namespaces = [];
  /** @type {NetworkNamespace | undefined} */
  #hub;

  /** @param {string} id */
  constructor(id) {
    this.#prefix = namePrefix(id);
    /** The one interface outside: of this process to the hub. */
    this.cable = `fl${id}`;
    this.#network = freeControlNetwork();
  }

  /**
   * @param {{ nodes?: number, clients?: number, multicastQuerier?: boolean }} [options] `multicastQuerier`: the bridge forwards a multicast
   *   frame to those only who have joined its group
   * @returns {Promise<Segment>}
   */
  static async create({ nodes = 3, clients = 1, multicastQuerier = false } = {}) {
    await removeStaleNamespaces();
    const segment = new Segment(randomBytes(2).toString('hex'));
    try {
      await segment.#makeHub(multicastQuerier);
      for (let index = 1; index <= nodes; index++) await segment.#addNode(index);
      for (let index = 1; index <= clients; index++) await segment.#addClient(index);
      await segment.#routePods();
      return segment;
    } catch (error) {
      await segment.close();
      throw error;
    }
  }

  get hub() {
    if (this.#hub === undefined) throw new Error('The segment has no hub yet.');
    return this.#hub;
  }

  /** Of the API server: an address of the hub. */
  get apiAddress() {
    return controlAddress(this.#network, 1);
  }

  /** @param {string} name node-a */
  node(name) {
    const node = this.nodes.find(each => each.name === name);
    if (node === undefined) throw new Error(`No node ${name} on this segment.`);
    return node;
  }

  get client() {
    const [client] = this.clients;
    if (client === undefined) throw new Error('No client on this segment.');
    return client;
  }

  /**
   * A namespace behind a node, with an address of the node's pod network.
   * @param {SegmentNode} node
   * @returns {Promise<Pod>}
   */
  async addPod(node) {
    const host = 10 + this.pods.filter(pod => pod.node === node).length;
    const name = `pod-${node.name.slice(-1)}-${host}`;
    const namespace = await this.#namespace(name);
    const { v4, v6 } = podAddress(node.index, host);
    const nodeSide = podAddress(node.index, 1);
    await quickAddresses(namespace);
    await node.namespace.ip([
      `link add ${name} type veth peer name ${segmentInterface} netns ${namespace.name}`,
      `link set ${name} master ${podBridge} up`,
    ]);
    await namespace.ip([
      `addr add ${v4}/${podPrefix.v4} dev ${segmentInterface}`,
      `addr add ${v6}/${podPrefix.v6} dev ${segmentInterface} nodad`,
      `link set ${segmentInterface} up`,
      `route add default via ${nodeSide.v4}`,
      `route add default via ${nodeSide.v6}`,
    ]);
    const pod = { name, node, namespace, v4, v6 };
    this.pods.push(pod);
    return pod;
  }

  /**
   * Pulls a member's cable out of the segment: its interface loses the carrier.
   * @param {Member} member
   */
  async unplug(member) {
    await this.hub.ip([`link set ${member.name} down`]);
  }

  /** @param {Member} member */
  async plugIn(member) {
    await this.hub.ip([`link set ${member.name} up`]);
  }

  /**
   * Moves members to a switch of their own: both parts keep their carrier, and hear nothing of each other.
   * @param {readonly Member[]} members
   */
  async partition(members) {
    await this.hub.ip(members.map(({ name }) => `link set ${name} master apart`));
  }

  async heal() {
    await this.hub.ip([...this.nodes, ...this.clients].map(({ name }) => `link set ${name} master segment`));
  }

  /**
   * A power cut: nothing of it runs, and nothing leaves it, from one moment to the next.
   * @param {SegmentNode} node
   */
  async kill(node) {
    await this.hub.ip([`link set ${node.name} down`]);
    const pods = this.pods.filter(pod => pod.node === node);
    await Promise.all([node, ...pods].map(({ namespace }) => namespace.killAll()));
  }

  async close() {
    await execute('ip', ['link', 'delete', this.cable]).catch(() => {}); // it was not made; a namespace's own end goes later than its name
    await Promise.all(this.#namespaces.splice(0).map(namespace => namespace.remove()));
  }

  /** @param {string} role */
  async #namespace(role) {
    const namespace = await NetworkNamespace.create(`${this.#prefix}${role}`);
    this.#namespaces.push(namespace);
    return namespace;
  }

  /** @param {boolean} multicastQuerier */
  async #makeHub(multicastQuerier) {
    const hub = await this.#namespace('hub');
    this.#hub = hub;
    await hub.sysctl({ 'net.ipv6.conf.default.disable_ipv6': 1 }); // a switch says nothing of its own
    await hub.ip([
      'link add segment type bridge forward_delay 0',
      'link add apart type bridge forward_delay 0',
      'link add control type bridge forward_delay 0',
      ...['apart', 'control'].map(bridge => `link set ${bridge} up`),
      `addr add ${this.apiAddress}/24 dev control`,
    ]);
    if (multicastQuerier) await this.#askForGroups();
    await hub.ip(['link set segment up']);
    await execute('ip', ['link', 'add', this.cable, 'type', 'veth', 'peer', 'name', 'outside', 'netns', hub.name]);
    await hub.ip(['link set outside master control up']);
    await execute('ip', ['addr', 'add', `${controlAddress(this.#network, 2)}/24`, 'dev', this.cable]);
    await execute('ip', ['link', 'set', this.cable, 'addrgenmode', 'none', 'up']);
  }

  /**
   * Asks from an address of its own, without which a bridge asks nothing. Until its members have had time to answer (10 s by default, here 1)
   * it goes on to forward everything.
   */
  async #askForGroups() {
    await this.hub.sysctl({
      'net.ipv6.conf.all.accept_dad': 0,
      'net.ipv6.conf.segment.accept_dad': 0,
      'net.ipv6.conf.segment.disable_ipv6': 0,
    });
    await this.hub.ip([
      'link set segment type bridge mcast_querier 1 mcast_query_response_interval 100 mcast_startup_query_interval 100',
    ]);
  }

  /** @param {number} index */
  async #addNode(index) {
    const name = `node-${letterOf(index)}`;
    const control = controlAddress(this.#network, 10 + index);
    const node = { ...(await this.#addMember(name, index, nodeAddress(index), 0x10)), control };
    const [inside, pods] = [`link add ${name}-api type veth peer name ${controlInterface}`, podAddress(index, 1)];
    await this.hub.ip([`${inside} netns ${node.namespace.name}`, `link set ${name}-api master control up`]);
    await node.namespace.ip([
      `addr add ${control}/24 dev ${controlInterface}`,
      `link set ${controlInterface} up`,
      `link add ${podBridge} type bridge forward_delay 0`,
      `addr add ${pods.v4}/${podPrefix.v4} dev ${podBridge}`,
      `addr add ${pods.v6}/${podPrefix.v6} dev ${podBridge} nodad`,
      `link set ${podBridge} up`,
      // Nobody is there. But without a route a process on the node finds no way to a cluster address either.
      `route add default via ${gateway.v4}`,
      `route add default via ${gateway.v6}`,
    ]);
    await node.namespace.sysctl({ 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 });
    this.nodes.push(node);
  }

  /** @param {number} index */
  async #addClient(index) {
    const name = index === 1 ? 'client' : `client-${index}`;
    this.clients.push(await this.#addMember(name, index, clientAddress(index), 0xc0));
  }

  /**
   * @param {string} name
   * @param {number} index
   * @param {import('./addresses.mjs').DualAddress} address
   * @param {number} firstMac
   * @returns {Promise<Member>}
   */
  async #addMember(name, index, { v4, v6 }, firstMac) {
    const [namespace, mac] = [await this.#namespace(name), macOf(firstMac + index)];
    await quickAddresses(namespace);
    await this.hub.ip([
      `link add ${name} type veth peer name ${segmentInterface} address ${mac} netns ${namespace.name}`,
      `link set ${name} master segment up`,
    ]);
    await namespace.ip([
      `addr add ${v4}/${segmentPrefix.v4} dev ${segmentInterface}`,
      `addr add ${v6}/${segmentPrefix.v6} dev ${segmentInterface} nodad`,
      `link set ${segmentInterface} up`,
    ]);
    return { name, index, namespace, mac, v4, v6 };
  }

  /** Every node to the others' pods. */
  async #routePods() {
    for (const { namespace, index } of this.nodes) {
      const others = this.nodes.filter(other => other.index !== index);
      await namespace.ip(
        others.flatMap(other => [
          `route add ${podNetwork(other.index).v4} via ${other.v4}`,
          `route add ${podNetwork(other.index).v6} via ${other.v6}`,
        ]),
      );
    }
  }
}

/**
 * Addresses usable at once: no duplicate address detection, which takes a second or two. Nobody else is there.
 * @param {NetworkNamespace} namespace
 */
async function quickAddresses(namespace) {
  await namespace.sysctl({ 'net.ipv6.conf.default.accept_dad': 0, 'net.ipv6.conf.all.accept_dad': 0 });
}

/** One that no other run on this machine uses now. */
function freeControlNetwork() {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap(addresses => (addresses ?? []).map(({ address }) => address)),
  );
  const free = Array.from({ length: 128 }, (_, network) => network).filter(
    network => !taken.has(controlAddress(network, 2)),
  );
  const chosen = free[randomInt(Math.max(free.length, 1))];
  if (chosen === undefined) throw new Error('All control networks (198.19.128.0/17) are in use on this machine.');
  return chosen;
}

/** @param {number} index */
function letterOf(index) {
  return String.fromCharCode('a'.charCodeAt(0) + index - 1);
}
