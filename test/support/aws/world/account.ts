import { createHash } from 'node:crypto';
import type {
  Address,
  Instance,
  InternetGateway,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  Subnet,
  Vpc,
} from './ec2-model.ts';
import type { Listener, LoadBalancer, Made, TargetGroup } from './elb-model.ts';
import { type AwsSettings, defaultSettings } from './settings.ts';

export interface AccountClock {
  /** Milliseconds. */
  now(): number;
  /** Runs once after `ms`. */
  after(ms: number, run: () => void): void;
}

/** One AWS account in one region: its objects, by id or ARN, in the order they were made. Operations change it; a test may look at it. */
export class Account {
  readonly region = 'us-west-2';
  readonly id = '123456789012';
  readonly clock: AccountClock;
  readonly settings: AwsSettings;

  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly targetGroups = new Map<string, TargetGroup>();
  readonly listeners = new Map<string, Listener>();
  /** ARNs that a TLS listener may name. */
  readonly certificates = new Set<string>();

  readonly vpcs = new Map<string, Vpc>();
  readonly subnets = new Map<string, Subnet>();
  readonly securityGroups = new Map<string, SecurityGroup>();
  readonly prefixLists = new Set<string>();
  readonly instances = new Map<string, Instance>();
  readonly addresses = new Map<string, Address>();
  readonly internetGateways = new Map<string, InternetGateway>();
  readonly routeTables = new Map<string, RouteTable>();
  readonly #interfaces = new Map<string, NetworkInterface>();

  /** Ids of instances or addresses that fail their health checks. */
  readonly unhealthy = new Set<string>();
  #holdsBack = false;
  #made = 0;

  constructor(clock: AccountClock, settings: Partial<AwsSettings> = {}) {
    this.clock = clock;
    this.settings = { ...defaultSettings(), ...settings };
  }

  now(): number {
    return this.clock.now();
  }

  /** Like AWS's: random to look at, and so in no order. */
  newHex(digits: number): string {
    return createHash('sha256')
      .update(`thing ${++this.#made}`)
      .digest('hex')
      .slice(0, digits);
  }

  newId(prefix: string): string {
    return `${prefix}-0${this.newHex(16)}`;
  }

  elbArn(path: string): string {
    return `arn:aws:elasticloadbalancing:${this.region}:${this.id}:${path}`;
  }

  /** Whether a Describe sees it already. */
  sees(thing: Pick<Made, 'createdAt'>): boolean {
    return thing.createdAt + this.settings.consistencyMs <= this.now();
  }

  isActive(balancer: LoadBalancer): boolean {
    return balancer.activeAt <= this.now();
  }

  /** When a load balancer that is made now becomes active. */
  nextActiveAt(): number {
    return this.#holdsBack ? Number.POSITIVE_INFINITY : this.now() + this.settings.provisioningMs;
  }

  /** No load balancer becomes active until the returned function is called. */
  holdBack(): () => void {
    this.#holdsBack = true;
    const provisioning = (): LoadBalancer[] => [...this.loadBalancers.values()].filter(one => !this.isActive(one));
    for (const balancer of provisioning()) balancer.activeAt = Number.POSITIVE_INFINITY;
    return () => {
      this.#holdsBack = false;
      for (const balancer of provisioning()) balancer.activeAt = this.nextActiveAt();
    };
  }

  interfaces(): readonly NetworkInterface[] {
    for (const [id, { goneAt }] of this.#interfaces)
      if (goneAt !== undefined && goneAt <= this.now()) this.#interfaces.delete(id);
    return [...this.#interfaces.values()];
  }

  addInterface(made: NetworkInterface): void {
    this.#interfaces.set(made.id, made);
  }

  listenersOf(loadBalancerArn: string): readonly Listener[] {
    return [...this.listeners.values()].filter(listener => listener.loadBalancerArn === loadBalancerArn);
  }

  /** Listeners that forward to the target group, with weight or without. */
  usersOf(targetGroupArn: string): readonly Listener[] {
    return [...this.listeners.values()].filter(({ action }) =>
      action.targetGroups.some(({ arn }) => arn === targetGroupArn),
    );
  }
}
