import { afterAll, beforeAll, describe } from 'vitest';
import type { Aws } from '../../../../providers/aws/client/aws.ts';
import type { DesiredTargetGroup } from '../../../../providers/aws/model/desired.ts';
import type { ObservedLoadBalancer } from '../../../../providers/aws/model/observed.ts';
import { createLoadBalancer, type NewLoadBalancer } from '../../../../providers/aws/resources/load-balancers.ts';
import type { Call } from '../../../../src/provider/provider.ts';
import { type Fixture, seedFixture } from '../../../support/aws/fixture.ts';
import { rawClients } from '../../../support/aws/raw-clients.ts';
import { type AwsEndpoint, awsEndpoints, openDoor } from '../../../support/aws-endpoints.ts';
import { leadingCall } from '../../../support/simulated-aws.ts';

/** A world with a network in it, and the door to it; the members are there once a test runs. */
export class Stage {
  readonly isMoto: boolean;
  readonly call: Call = leadingCall();
  #world: AwsEndpoint | undefined;
  #aws: Aws | undefined;
  #fixture: Fixture | undefined;
  #names = 0;

  constructor(isMoto: boolean) {
    this.isMoto = isMoto;
  }

  get aws(): Aws {
    return present(this.#aws);
  }
  get fixture(): Fixture {
    return present(this.#fixture);
  }
  get world(): AwsEndpoint {
    return present(this.#world);
  }

  name(): string {
    return `t-${++this.#names}`;
  }

  targetGroup(more: Partial<DesiredTargetGroup> = {}): DesiredTargetGroup {
    return {
      name: this.name(),
      protocol: 'TCP',
      port: 30_080,
      targetType: 'instance',
      addressType: 'ipv4',
      vpcId: this.fixture.vpcId,
      healthCheck: {
        protocol: 'TCP',
        port: 'traffic-port',
        intervalSeconds: 10,
        timeoutSeconds: 10,
        healthyThreshold: 3,
        unhealthyThreshold: 3,
      },
      attributes: {},
      targets: [],
      ...more,
    };
  }

  /** A new one with two subnets. */
  loadBalancer(name = this.name(), more: Partial<NewLoadBalancer> = {}): Promise<ObservedLoadBalancer> {
    const { a, b } = this.fixture.subnets;
    const subnets = [
      { subnetId: a, zone: 'us-west-2a' },
      { subnetId: b, zone: 'us-west-2b' },
    ];
    const common = { scheme: 'internet-facing', addressType: 'ipv4', securityGroupIds: [], tags: {} } as const;
    return createLoadBalancer(this.aws, { ...common, name, subnets, ...more }, this.call);
  }

  async open(start: () => Promise<AwsEndpoint>): Promise<void> {
    this.#world = await start();
    const clients = rawClients(this.#world.url);
    this.#fixture = await seedFixture(clients.ec2, { cluster: 'c1', dualStack: true });
    clients.close();
    this.#aws = await openDoor(this.#world.url);
  }

  async close(): Promise<void> {
    this.#aws?.close();
    await this.#world?.close();
  }
}

/** Registers the rows for each world. */
export function onEachWorld(rows: (stage: Stage) => void): void {
  describe.each(awsEndpoints)('$name', ({ isMoto, start }) => {
    const stage = new Stage(isMoto);
    beforeAll(() => stage.open(start), 30_000);
    afterAll(() => stage.close());
    rows(stage);
  });
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the world is not open yet');
  return value;
}
