/** FNV-1a with the finalizer of MurmurHash3: 32 bits, the same on every node, well spread for texts that differ in their last digit. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The rank of a node for an address: lower goes first. */
export function rankOf(node: string, address: string): number {
  return hashOf(`${node} ${address}`);
}
