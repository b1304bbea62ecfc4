import type { Heartbeat } from '../wire/heartbeat.ts';

/** What is to be done on an interface, in this order. */
export type Action =
  /** When it has been handed to the kernel, `sent` must be told so, with the time from before the call. */
  | { readonly kind: 'heartbeat'; readonly interface: string; readonly heartbeat: Heartbeat }
  /** From now on, and until `silence`: answer who asks for the address. */
  | { readonly kind: 'answer'; readonly interface: string; readonly address: string }
  | { readonly kind: 'silence'; readonly interface: string; readonly address: string }
  /** Tell the segment who has the address: both forms of gratuitous ARP, or an unsolicited advertisement. */
  | { readonly kind: 'gratuitous'; readonly interface: string; readonly address: string }
  /** Ask who has the address, as RFC 5227 and DAD do; answers come back through `sawAddress`. */
  | { readonly kind: 'probe'; readonly interface: string; readonly address: string };

/** An interface that frames can be sent on: up, with a carrier, no part of another. */
export interface SegmentInterface {
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  readonly mtu: number;
  /** `192.0.2.0/24`, `fd00::/64` */
  readonly subnets: readonly string[];
  /** Addresses of routers that it leads to. */
  readonly gateways: readonly string[];
}
