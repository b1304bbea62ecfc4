/** rtnetlink messages as the kernel writes them, apart from the code under test. */

export function message(type: number, body: Buffer, { flags = 0, sequence = 0 } = {}): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(sequence, 8);
  return padded(Buffer.concat([header, body]));
}

export function attribute(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(4 + value.length, 0);
  header.writeUInt16LE(type, 2);
  return padded(Buffer.concat([header, value]));
}

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

export interface LinkOptions {
  readonly family?: number;
  readonly hardware?: number;
  readonly flags?: number;
  readonly mac?: string;
  readonly kind?: string;
  readonly master?: number;
  readonly masterKind?: string;
}

/** Up, with a carrier, able to broadcast, of Ethernet, but for what is given. */
export function link(index: number, name: string, options: LinkOptions = {}): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt8(options.family ?? 0, 0);
  head.writeUInt16LE(options.hardware ?? 1, 2);
  head.writeInt32LE(index, 4);
  head.writeUInt32LE(options.flags ?? 0x10043, 8);
  const info = [
    ...(options.kind === undefined ? [] : [attribute(1, text(options.kind))]),
    ...(options.masterKind === undefined ? [] : [attribute(4, text(options.masterKind))]),
  ];
  return Buffer.concat([
    head,
    attribute(3, text(name)),
    attribute(4, number(1500)),
    attribute(1, Buffer.from(options.mac ?? '02aaaaaaaa01', 'hex')),
    ...(options.master === undefined ? [] : [attribute(10, number(options.master))]),
    // Nested.
    attribute(0x8000 | 18, Buffer.concat(info)),
  ]);
}

export function address(index: number, bytes: Buffer, prefixLength: number, peer = bytes): Buffer {
  const head = Buffer.from([bytes.length === 4 ? 2 : 10, prefixLength, 0, 0, 0, 0, 0, 0]);
  head.writeInt32LE(index, 4);
  return Buffer.concat([head, attribute(1, peer), attribute(2, bytes)]);
}

/** A default route but for the prefix length that is given; several ways where there are several. */
export function route(ways: readonly { readonly index: number; readonly gateway: Buffer }[], prefixLength = 0): Buffer {
  const [only] = ways;
  const head = Buffer.alloc(12);
  head.writeUInt8(only?.gateway.length === 16 ? 10 : 2, 0);
  head.writeUInt8(prefixLength, 1);
  if (ways.length === 1 && only !== undefined)
    return Buffer.concat([head, attribute(5, only.gateway), attribute(4, number(only.index))]);
  const hops = ways.map(({ index, gateway }) => {
    const hop = Buffer.alloc(8);
    hop.writeUInt16LE(8 + 4 + gateway.length, 0);
    hop.writeInt32LE(index, 4);
    return Buffer.concat([hop, attribute(5, gateway)]);
  });
  return Buffer.concat([head, attribute(9, Buffer.concat(hops))]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
