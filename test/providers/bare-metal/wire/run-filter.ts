/** What the kernel knows of a frame beside its bytes. */
export interface FrameContext {
  /** linux/if_packet.h: 0 to this host, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us. */
  readonly packetType?: number;
  readonly isVlanTagged?: boolean;
}

const ancillary = -0x1000;

/**
 * A classic BPF machine (Documentation/networking/filter.rst), with what our programs use: how many bytes of the frame are accepted. It
 * throws where the kernel would refuse the program: an unknown instruction, a jump out of it, no end.
 */
export function runFilter(program: Buffer, frame: Buffer, context: FrameContext = {}): number {
  let accumulator = 0;
  let counter = 0;
  for (;;) {
    const at = 8 * counter;
    if (at + 8 > program.length) throw new Error('runs over the end');
    const code = program.readUInt16LE(at);
    const value = program.readUInt32LE(at + 4);
    counter++;
    if (code === 0x06) return value;
    if (code === 0x20 || code === 0x28 || code === 0x30) {
      const loaded = load(code, value | 0, frame, context);
      if (loaded === undefined) return 0;
      accumulator = loaded;
    } else {
      counter += program.readUInt8(jumps(code, accumulator, value) ? at + 2 : at + 3);
    }
  }
}

function jumps(code: number, accumulator: number, value: number): boolean {
  if (code === 0x15) return accumulator === value;
  if (code === 0x25) return accumulator > value;
  if (code === 0x35) return accumulator >= value;
  if (code === 0x45) return (accumulator & value) !== 0;
  throw new Error(`unknown instruction ${code}`);
}

/** A load from beyond the frame ends the program, and drops. */
function load(code: number, offset: number, frame: Buffer, context: FrameContext): number | undefined {
  if (offset === ancillary + 4) return context.packetType ?? 0;
  if (offset === ancillary + 48) return context.isVlanTagged === true ? 1 : 0;
  const size = code === 0x20 ? 4 : code === 0x28 ? 2 : 1;
  return offset < 0 || offset + size > frame.length ? undefined : frame.readUIntBE(offset, size);
}
