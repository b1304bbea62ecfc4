import { KubeError, statusOf } from '../kube/client.ts';
import type { Random } from '../kube/clock.ts';
import type { Service } from '../kube/objects.ts';
import { type NodePortProposal, type PortRange, proposeNodePorts } from '../plan/node-ports.ts';
import type { Notice, Outcome } from './outcome.ts';
import type { ServiceWriter } from './service-writer.ts';

/** Proposals in a row before the key backs off. */
const mostProposals = 16;

export interface NodePortFillerOptions {
  readonly writer: ServiceWriter;
  readonly random: Random;
  /** Where the API server's range is not the default one, its own refusal tells it, and that is remembered. */
  readonly range: PortRange;
  readonly observe: (result: 'allocated' | 'taken' | 'failed') => void;
}

/**
 * Fills node ports into Services that forbid the API server to. The API server alone knows what is free: a number is proposed by writing
 * it, and a refusal asks for another.
 *
 * | answer                                  | what it means                         | next                     |
 * |-----------------------------------------|---------------------------------------|--------------------------|
 * | 200                                     | persisted: the provider may hear of it | plan again              |
 * | 422, "already allocated"                | taken                                 | another number           |
 * | 422, "valid ports is A-B"               | our range is wrong: now it is known   | another number           |
 * | 409, or 422 without a port as its cause | somebody has written in between       | plan again               |
 * | 403                                     | the role has no patch on services     | report, back off         |
 * | 500, "range is full"                    | no number is left                     | report, back off         |
 */
export class NodePortFiller {
  readonly #options: NodePortFillerOptions;
  #range: PortRange;

  constructor(options: NodePortFillerOptions) {
    this.#options = options;
    this.#range = options.range;
  }

  async fill(service: Service): Promise<Outcome> {
    const { writer, random, observe } = this.#options;
    const refused = new Set<number>();
    for (let tries = 0; tries < mostProposals; tries++) {
      const proposal = proposeNodePorts(service, this.#range, random, refused);
      if (proposal.size === 0) break;
      try {
        await writer.fillNodePorts(service, proposal);
        observe('allocated');
        return { message: 'node ports allocated', next: { do: 'again' }, notices: [allocated(service, proposal)] };
      } catch (error) {
        const verdict = this.#verdict(error, proposal, refused);
        if (verdict === 'again')
          return { message: 'the Service changed while node ports were chosen', next: { do: 'again' } };
        observe(verdict === 'taken' ? 'taken' : 'failed');
        if (verdict !== 'taken') return failure(verdict, error);
      }
    }
    observe('failed');
    return failure(
      'no free node port was found: widen --service-node-port-range of the API server, or free some ports',
    );
  }

  /** `taken`, `again`, or a message for people. Throws what is not about node ports. */
  #verdict(error: unknown, proposal: NodePortProposal, refused: Set<number>): string {
    if (statusOf(error) === 403)
      return 'fairlead may not write node ports: add the node-port-filling role (patch on services)';
    if (!(error instanceof KubeError)) throw error;
    if (error.status === 409) return 'again';
    if (error.status === 500 && error.message.includes('range is full'))
      return 'the API server has no node port left: widen --service-node-port-range';
    if (error.status !== 422) throw error;
    const causes = (error.causes ?? []).filter(cause => /^spec\.ports\[\d+\]\.nodePort$/.test(cause.field ?? ''));
    if (causes.length === 0) return 'again';
    this.#learnRange(causes.map(cause => cause.message ?? '').join(' '));
    for (const cause of causes) refuse(refused, proposal.get(Number(/\d+/.exec(cause.field ?? '')?.[0])));
    return 'taken';
  }

  #learnRange(text: string): void {
    const [, first, last] = /range of valid ports is (\d+)-(\d+)/.exec(text) ?? [];
    if (first !== undefined && last !== undefined) this.#range = { first: Number(first), last: Number(last) };
  }
}

function refuse(refused: Set<number>, number: number | undefined): void {
  if (number !== undefined) refused.add(number);
}

function allocated(service: Service, proposal: NodePortProposal): Notice {
  const list = [...proposal].map(([index, number]) => `${service.spec.ports?.[index]?.port}=${number}`).join(', ');
  return { type: 'Normal', reason: 'NodePortsAllocated', message: `Allocated node ports ${list}` };
}

function failure(message: string, error?: unknown): Outcome {
  return {
    message,
    error,
    report: { state: 'failing', reason: 'NodePortsNotAllocated', message },
    reportNotice: { type: 'Warning', reason: 'SyncLoadBalancerFailed', message },
    next: { do: 'back-off' },
  };
}
