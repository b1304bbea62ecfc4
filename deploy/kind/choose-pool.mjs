const mostAddresses = 200;

/**
 * The pool for fairlead, out of what `docker network inspect kind` prints: the last addresses of the network's IPv4 subnet. Docker gives
 * containers the first ones. Throws a message for people where the network has none to spare. Pure.
 *
 * | subnet        | pool                                              |
 * |---------------|---------------------------------------------------|
 * | 172.18.0.0/16 | 172.18.255.55-172.18.255.254                      |
 * | 172.18.0.0/26 | 172.18.0.47-172.18.0.62: a quarter of it, no more |
 * | IPv6 only     | an error                                          |
 * @param {string} json
 * @returns {string}
 */
export function choosePool(json) {
  const [network] = JSON.parse(json);
  /** @type {{ Subnet?: string, Gateway?: string }[]} */
  const subnets = network?.IPAM?.Config ?? [];
  const subnet = subnets.map(({ Subnet }) => parseSubnet(Subnet)).find(each => each !== undefined);
  if (subnet === undefined) throw new Error('The docker network "kind" has no IPv4 subnet: make the cluster first.');
  const last = subnet.first + subnet.size - 2; // the one after it is the broadcast address
  const first = last - Math.min(mostAddresses, Math.floor(subnet.size / 4)) + 1;
  /** @type {{ IPv4Address?: string }[]} */
  const containers = Object.values(network.Containers ?? {});
  const taken = [
    ...subnets.map(({ Gateway }) => Gateway),
    ...containers.map(({ IPv4Address }) => IPv4Address?.split('/')[0]),
  ];
  const inside = taken.find(address => isBetween(parseAddress(address), first, last));
  if (inside !== undefined || first > last)
    throw new Error(
      `The docker network "kind" has too few free addresses${inside === undefined ? '' : `: ${inside} is in use`}.`,
    );
  return `${textOf(first)}-${textOf(last)}`;
}

/**
 * @param {string | undefined} text
 * @returns {{ first: number, size: number } | undefined}
 */
function parseSubnet(text = '') {
  const [address, prefix] = text.split('/');
  const first = parseAddress(address);
  return first === undefined ? undefined : { first, size: 2 ** (32 - Number(prefix)) };
}

/**
 * @param {string | undefined} text
 * @returns {number | undefined} undefined where it is no IPv4 address
 */
function parseAddress(text = '') {
  if (!/^\d+(\.\d+){3}$/.test(text)) return undefined;
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

/** @param {number} value */
function textOf(value) {
  return [24, 16, 8, 0].map(bits => Math.floor(value / 2 ** bits) % 256).join('.');
}

/**
 * @param {number | undefined} value
 * @param {number} first
 * @param {number} last
 */
function isBetween(value, first, last) {
  return value !== undefined && value >= first && value <= last;
}
