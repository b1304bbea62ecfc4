import { beforeEach, describe, expect, test } from 'vitest';
import { applyStep } from '../../src/controller/apply-step.ts';
import { BackOff } from '../../src/controller/back-off.ts';
import { NodePortFiller } from '../../src/controller/node-port-filler.ts';
import type { Notice, Outcome } from '../../src/controller/outcome.ts';
import { ProviderCalls, type ProviderInstance } from '../../src/controller/provider-calls.ts';
import { Records } from '../../src/controller/records.ts';
import { ServiceWriter } from '../../src/controller/service-writer.ts';
import type { StepDeps } from '../../src/controller/step.ts';
import { KubeError } from '../../src/kube/client.ts';
import { LeadershipLost, Term } from '../../src/kube/leadership.ts';
import { keyOf, type Service, type ServiceSpec } from '../../src/kube/objects.ts';
import { SameDelay } from '../../src/kube/same-delay.ts';
import { Store } from '../../src/kube/store.ts';
import { conditionsFor } from '../../src/plan/conditions.ts';
import { publishedIngress } from '../../src/plan/ingress.ts';
import { defaultNodePortRange } from '../../src/plan/node-ports.ts';
import { hasOurMarks, ownerOf } from '../../src/plan/ownership.ts';
import { type Observed, planService, type Settings } from '../../src/plan/plan-service.ts';
import { annotations } from '../../src/plan/words.ts';
import type {
  Backend,
  Call,
  Deleted,
  Ensured,
  LoadBalancer,
  LoadBalancerRef,
  Provider,
} from '../../src/provider/provider.ts';
import { ProviderError } from '../../src/provider/provider-error.ts';
import { settings as baseSettings, capabilities, policy } from '../support/objects.ts';
import { ScriptedClient } from '../support/scripted-client.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

const key = 'default/web';
const verifyMs = 600_000;
const ours = 'fairlead.dev/a';
const stock = 'service.kubernetes.io/load-balancer-cleanup';
const ready: Ensured = { state: 'ready', ingress: [{ ip: '192.0.2.1' }] };
const backend: Backend = {
  node: 'n1',
  providerId: '',
  zone: '',
  addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
};

let clock: VirtualClock;
let client: ScriptedClient;
let store: Store<Service>;
let records: Records;
let backOff: BackOff;
let leading: Term;
let notices: Notice[];
let backends: readonly Backend[];
let version: number;
/** What the provider has, and what it does next. */
let outside: Map<string, LoadBalancer>;
let onEnsure: (loadBalancer: LoadBalancer, call: Call) => Promise<Ensured>;
let onDelete: (ref: LoadBalancerRef, call: Call) => Promise<Deleted>;
let settings: Settings;
let deps: StepDeps;

beforeEach(() => begin());

/** A term over one provider instance `a`, the default one. */
function begin(more: { keepsOutside?: boolean; protocols?: Provider['capabilities']['protocols'] } = {}): void {
  clock = new VirtualClock();
  client = new ScriptedClient(clock);
  store = new Store<Service>({
    keep: service => (service.spec.type === 'LoadBalancer' || hasOurMarks(service) ? service : undefined),
  });
  outside = new Map();
  backends = [backend];
  version = 1;
  onEnsure = () => Promise.resolve(ready);
  onDelete = () => Promise.resolve({ state: 'deleted' });
  const able = { ...capabilities, ...more };
  const provider: Provider = {
    contractVersion: 1,
    capabilities: able,
    needs: () => ({ nodePorts: true }),
    async ensureLoadBalancer(loadBalancer, call) {
      outside.set(loadBalancer.id, loadBalancer);
      return onEnsure(loadBalancer, call);
    },
    async ensureLoadBalancerDeleted(ref, call) {
      const deleted = await onDelete(ref, call);
      if (deleted.state === 'deleted') outside.delete(ref.id);
      return deleted;
    },
  };
  const one: ProviderInstance = {
    name: 'a',
    classes: ['example.com/a'],
    isDefault: true,
    capabilities: able,
    needs: () => ({ nodePorts: true }),
    provider,
  };
  settings = baseSettings({ instances: [one] });
  restart(one);
}

/** As after a new leadership: nothing is known but the objects. */
function restart(one = deps.instance('a')): void {
  records = new Records();
  backOff = new BackOff(() => 0.5);
  leading = new Term('1', 1e12, clock);
  notices = [];
  const writer = new ServiceWriter(client, store, clock);
  deps = {
    leading,
    clock,
    random: () => 0.5,
    writer,
    calls: new ProviderCalls({ clock, deadlineMs: 30_000, observe: () => undefined }),
    records,
    backOff,
    filler: new NodePortFiller({ writer, random: () => 0, range: defaultNodePortRange, observe: () => undefined }),
    verifyIntervalMs: verifyMs,
    slowEnsures: new SameDelay(clock, 1_000),
    instance: () => one,
    notice: (_service, notice) => notices.push(notice),
    leavePlace: () => undefined,
  };
}

function create(spec: ServiceSpec = {}, more: Partial<Service['metadata']> = {}): Service {
  client.create('web', spec, more);
  return sync();
}

/** The watch delivers. */
function sync(): Service {
  const now = client.get('web');
  store.put(now);
  return now;
}

function user(edit: (service: Service) => Service): void {
  client.put(edit(client.get('web')));
  sync();
}

function observe(): Observed {
  return {
    service: store.get(key),
    record: records.get(key),
    settings,
    backendsFor: ({ text }) => ({ selector: text, version, backends }),
    endpoints: () => ({ state: 'awaited' }),
    now: clock.monotonic(),
  };
}

/** One step, and what the loop does with its outcome. */
async function step(): Promise<Outcome> {
  const observed = observe();
  const outcome = await clock.until(applyStep(deps, key, planService(observed), observed));
  const { service } = observed;
  let told = false;
  if (service !== undefined && outcome.report !== undefined) {
    const { report } = outcome;
    told =
      (await deps.writer.change(service, now => ({
        conditions: conditionsFor(report, publishedIngress(now).length > 0, ownerOf(now) !== undefined),
      }))) === 'written';
  }
  notices.push(
    ...(outcome.notices ?? []),
    ...(told && outcome.reportNotice !== undefined ? [outcome.reportNotice] : []),
  );
  return outcome;
}

/** Steps until there is nothing more to do at once. */
async function settle(): Promise<Outcome> {
  for (let steps = 0; steps < 6; steps++) {
    const outcome = await step();
    if (outcome.next.do !== 'again') return outcome;
  }
  throw new Error('does not settle');
}

function rounded({ next }: Outcome): Outcome['next'] {
  return next.do === 'after' ? { do: 'after', ms: Math.round(next.ms) } : next;
}

function conditions(): Record<string, string> {
  const all = client.get('web').status?.conditions ?? [];
  return Object.fromEntries(all.map(one => [one.type.replace('LoadBalancer', ''), `${one.status} ${one.reason}`]));
}

function events(): readonly string[] {
  return notices.splice(0).map(one => one.reason);
}

function address(): readonly (string | undefined)[] {
  return publishedIngress(client.get('web')).map(entry => entry.ip ?? entry.hostname);
}

function isThere(): boolean {
  return outside.size > 0;
}

const later = (ms: number): Promise<void> => new Promise(resolve => void clock.after(ms, resolve));

describe('a new Service of a provider that keeps things outside', () => {
  test('gets the finalizer and its first condition in one write, and its address in the second', async () => {
    create();
    expect((await step()).next).toEqual({ do: 'again' });
    expect(client.get('web').metadata.finalizers).toEqual([ours]);
    expect(conditions()).toEqual({ Serving: 'False Provisioning', Provisioning: 'True Provisioning' });
    expect(isThere()).toBe(false);
    await settle();
    expect(address()).toEqual(['192.0.2.1']);
    expect(conditions()).toEqual({ Serving: 'True Serving', Provisioning: 'False Complete' });
    expect(client.writes).toHaveLength(2);
    expect(events()).toEqual(['EnsuringLoadBalancer', 'EnsuredLoadBalancer']);
  });

  test('is never given to the provider before the finalizer is stored', async () => {
    create();
    client.next(() => {
      throw new KubeError(403, 'Forbidden', 'no');
    });
    await expect(step()).rejects.toMatchObject({ status: 403 });
    expect(isThere()).toBe(false);
  });

  test('that is going by then gets none', async () => {
    create({ loadBalancerClass: 'example.com/a' }, { finalizers: ['x/y'] });
    client.delete('web');
    await settle();
    expect(client.get('web').metadata.finalizers).toEqual(['x/y']);
    expect(isThere()).toBe(false);
  });

  test('that is gone by then is let go without a further write', async () => {
    create();
    client.delete('web');
    expect((await step()).next).toEqual({ do: 'forget' });
    expect(client.writes).toHaveLength(1);
  });
});

describe('a new Service of a provider that keeps nothing outside', () => {
  beforeEach(() => begin({ keepsOutside: false }));

  test('gets all in one write, the mark of its owner included', async () => {
    create();
    await settle();
    expect(client.writes).toHaveLength(1);
    expect(client.get('web').metadata.finalizers).toBeUndefined();
    expect(conditions()).toEqual({ Serving: 'True Serving', [ours]: 'True Serving' });
    expect(events()).toEqual(['EnsuredLoadBalancer']);
  });

  test('that the provider asks for while it answers "not yet" is due at once: the answer may be older than the wish', async () => {
    onEnsure = () => {
      const record = records.get('default/web');
      // What `Term.requeue` does.
      if (record !== undefined) records.set('default/web', { ...record, notBefore: Number.NEGATIVE_INFINITY });
      return Promise.resolve({ state: 'pending', ingress: [], reason: 'no pool yet', retryAfterMs: 60_000 });
    };
    create();
    await step();
    expect(records.get('default/web')?.notBefore).toBe(Number.NEGATIVE_INFINITY);
  });

  test('keeps its mark when the first answer with an address is a "not yet"', async () => {
    onEnsure = () =>
      Promise.resolve({
        state: 'pending',
        reason: 'being announced',
        retryAfterMs: 1_000,
        ingress: [{ ip: '192.0.2.1' }],
      });
    create();
    await settle();
    expect(address()).toEqual(['192.0.2.1']);
    expect(conditions()).toMatchObject({ [ours]: 'True Serving', Provisioning: 'True Provisioning' });
    // Also after a restart it is ours, and not somebody else's address.
    onEnsure = () => Promise.resolve(ready);
    sync();
    restart();
    await settle();
    expect(conditions()).toMatchObject({ Serving: 'True Serving' });
  });

  test('that goes before it was published is deleted by what is remembered', async () => {
    onEnsure = () => Promise.reject(new Error('x'));
    const service = create();
    await settle();
    client.delete('web');
    store.remove({ ...service, metadata: { ...service.metadata, resourceVersion: '99999999' } });
    expect(isThere()).toBe(true);
    await settle();
    expect(isThere()).toBe(false);
    expect(records.get(key)).toBeUndefined();
  });
});

describe('an outcome that is slow to come', () => {
  test('is told after a second where nothing is published, and not before', async () => {
    begin({ keepsOutside: false });
    onEnsure = async () => {
      await later(999);
      return ready;
    };
    create();
    await settle();
    expect(client.writes).toHaveLength(1);

    begin({ keepsOutside: false });
    const seen: unknown[] = [];
    onEnsure = async () => {
      await later(1_500);
      seen.push(conditions());
      return ready;
    };
    create();
    await settle();
    expect(seen).toEqual([
      { Serving: 'False Provisioning', Provisioning: 'True Provisioning', 'fairlead.dev/Reported': 'True Reported' },
    ]);
    expect(client.writes).toHaveLength(2);
    expect(conditions()).toMatchObject({ Serving: 'True Serving' });
  });

  test('is told before what becomes of it, also when that write is slow', async () => {
    begin({ keepsOutside: false });
    onEnsure = async () => {
      await later(1_200);
      return ready;
    };
    client.next(async (_request, execute) => {
      await later(3_000);
      return execute();
    });
    create();
    await settle();
    expect(conditions()).toMatchObject({ Serving: 'True Serving', Provisioning: 'False Complete' });
  });

  test('is not told of a Service that serves', async () => {
    create();
    await settle();
    const before = client.writes.length;
    onEnsure = async () => {
      await later(20_000);
      return ready;
    };
    await clock.run(clock.monotonic() + 2 * verifyMs);
    await settle();
    expect(client.writes).toHaveLength(before);
  });
});

describe('a Service that is served', () => {
  beforeEach(async () => {
    create();
    await settle();
    sync();
    events();
  });

  test('is written nothing and tells nothing when it is verified, also after a restart', async () => {
    const before = client.writes.length;
    await clock.run(clock.monotonic() + 2 * verifyMs);
    await settle();
    restart();
    await settle();
    expect(client.writes).toHaveLength(before);
    expect(events()).toEqual([]);
  });

  test('gets its address back when somebody has wiped it', async () => {
    client.putStatus({ ...client.get('web'), status: {} });
    sync();
    await settle();
    expect(address()).toEqual(['192.0.2.1']);
  });

  test('tells a change of its ports as ensured, of its backends as updated', async () => {
    user(service => ({ ...service, spec: { ...service.spec, ports: [{ port: 81, protocol: 'TCP' }] } }));
    await settle();
    expect(events()).toEqual(['EnsuredLoadBalancer']);
    version = 2;
    await settle();
    expect(events()).toEqual(['UpdatedLoadBalancer']);
  });

  test('without a node tells so', async () => {
    version = 2;
    backends = [];
    await settle();
    expect(events()).toContain('UnAvailableLoadBalancer');
  });

  test('tells of a port that cannot be served when it is added, and serves the others', async () => {
    user(service => ({
      ...service,
      spec: {
        ...service.spec,
        ports: [
          { name: 'a', port: 80, protocol: 'TCP' },
          { name: 'b', port: 9, protocol: 'SCTP' },
        ],
      },
    }));
    await settle();
    expect(conditions()).toMatchObject({ Serving: 'True Serving', PortsError: 'True Unsupported' });
    expect(publishedIngress(client.get('web'))[0]?.ports).toEqual([
      { port: 80, protocol: 'TCP' },
      { port: 9, protocol: 'SCTP', error: 'ProtocolNotSupported' },
    ]);
    user(service => ({ ...service, spec: { ...service.spec, ports: [{ name: 'a', port: 80, protocol: 'TCP' }] } }));
    await settle();
    expect('PortsError' in conditions()).toBe(false);
    expect(publishedIngress(client.get('web'))[0]?.ports).toBeUndefined();
  });

  test('tells of an annotation that the policy refuses when it is added', async () => {
    settings = { ...settings, policy: { preset: 'strict', released: [] } };
    restart();
    await settle();
    events();
    user(service => ({ ...service, metadata: { ...service.metadata, annotations: { 'cloud.example/size': 'big' } } }));
    await settle();
    expect(events()).toContain('AnnotationRefused');
    expect([...outside.values()][0]?.annotations).toEqual({});
  });

  test.each<readonly [string, Ensured, string]>([
    [
      'a node',
      { ...ready, backends: { registered: 1, rejected: [{ node: 'n2', reason: 'no providerID' }] } },
      'True BackendsRejected',
    ],
    ['nothing', ready, 'undefined'],
  ])('tells what the provider could not use: %s', async (_name, answer, degraded) => {
    onEnsure = () => Promise.resolve(answer);
    version = 2;
    await settle();
    expect(String(conditions()['Degraded'])).toBe(degraded);
  });

  test('passes on what the provider warns of', async () => {
    onEnsure = () => Promise.resolve({ ...ready, warnings: [{ reason: 'QuotaNearlyFull', message: 'm' }] });
    version = 2;
    await settle();
    expect(events()).toContain('QuotaNearlyFull');
  });
});

describe('an answer that cannot be published', () => {
  test.each<readonly [string, Ensured]>([
    ['no IP', { state: 'ready', ingress: [{ ip: 'nonsense' }] }],
    ['"ready" without an address', { state: 'ready', ingress: [] }],
    ['nothing', undefined as unknown as Ensured],
  ])('is a failure of the provider, with back-off and an Event: %s', async (_name, answer) => {
    onEnsure = () => Promise.resolve(answer);
    create();
    const outcome = await settle();
    expect(outcome).toMatchObject({ next: { do: 'after', ms: 5_000 }, providerFailed: true });
    expect(conditions()).toMatchObject({ Serving: 'False Infrastructure' });
    expect(events()).toContain('SyncLoadBalancerFailed');
    expect(address()).toEqual([]);
  });
});

describe('a failure', () => {
  interface Row {
    readonly name: string;
    readonly error: Error;
    readonly next: Outcome['next'];
    readonly serving: string;
    readonly events: readonly string[];
  }
  const rows: readonly Row[] = [
    {
      name: 'unsupported: not again before something changes',
      error: new ProviderError('unsupported', 'm'),
      next: { do: 'forget' },
      serving: 'False Unsupported',
      events: ['LoadBalancerRejected'],
    },
    {
      name: 'rejected: again slowly',
      error: new ProviderError('rejected', 'm'),
      next: { do: 'after', ms: 300_000 },
      serving: 'False ProviderRejected',
      events: ['SyncLoadBalancerFailed'],
    },
    {
      name: 'throttled: again after that, and no Warning',
      error: new ProviderError('throttled', 'm', { retryAfterMs: 42_000 }),
      next: { do: 'after', ms: 46_200 },
      serving: 'False Provisioning',
      events: [],
    },
    {
      name: 'any other: again with back-off',
      error: new Error('m'),
      next: { do: 'after', ms: 5_000 },
      serving: 'False Infrastructure',
      events: ['SyncLoadBalancerFailed'],
    },
  ];

  beforeEach(async () => {
    create();
    await step();
  });

  test.each(rows)('$name', async ({ error, next, serving, events: told }) => {
    onEnsure = () => Promise.reject(error);
    expect(rounded(await settle())).toEqual(next);
    expect(conditions()['Serving']).toBe(serving);
    expect(events().filter(reason => reason !== 'EnsuringLoadBalancer')).toEqual(told);
    // Looked at again before the time has come, it is not tried again.
    onEnsure = () => Promise.reject(new Error('was called'));
    const again = await settle();
    expect(again.message).not.toBe('was called');
    expect(again.next.do).toBe(next.do);
  });

  test.each(rows)('$name: but at once when the user changes something', async ({ error }) => {
    onEnsure = () => Promise.reject(error);
    await settle();
    onEnsure = () => Promise.resolve(ready);
    user(service => ({ ...service, spec: { ...service.spec, ports: [{ port: 81, protocol: 'TCP' }] } }));
    await settle();
    expect(address()).toEqual(['192.0.2.1']);
  });

  test('grows in waiting from one to the next, and a success forgets it', async () => {
    const times: unknown[] = [];
    onEnsure = () => Promise.reject(new Error('m'));
    for (let tries = 0; tries < 4; tries++) {
      const { next } = await settle();
      times.push(next);
      await clock.run(clock.monotonic() + (next.do === 'after' ? next.ms : 0));
    }
    expect(times).toEqual([5_000, 10_000, 20_000, 40_000].map(ms => ({ do: 'after', ms })));
    onEnsure = () => Promise.resolve(ready);
    await settle();
    expect(backOff.next(key)).toBe(5_000);
  });

  test('of a Service that serves leaves its address, and says so', async () => {
    await settle();
    onEnsure = () => Promise.reject(new Error('m'));
    version = 2;
    await settle();
    expect(address()).toEqual(['192.0.2.1']);
    expect(conditions()).toEqual({
      Serving: 'True Serving',
      Provisioning: 'True Infrastructure',
      Degraded: 'True Infrastructure',
    });
    onEnsure = () => Promise.resolve(ready);
    await clock.run(clock.monotonic() + 5_000);
    await settle();
    expect(conditions()).toEqual({ Serving: 'True Serving', Provisioning: 'False Complete' });
  });

  test('by throttling of Services that serve writes nothing', async () => {
    await settle();
    const before = client.writes.length;
    onEnsure = () => Promise.reject(new ProviderError('throttled', 'm'));
    version = 2;
    await settle();
    expect(client.writes).toHaveLength(before);
  });

  test('of the API server is no failure of the provider', async () => {
    client.next(() => {
      throw new KubeError(503, 'ServiceUnavailable', 'm');
    });
    await expect(settle()).rejects.toMatchObject({ status: 503 });
    await settle();
    expect(address()).toEqual(['192.0.2.1']);
  });

  test('because the Lease is lost is nobody’s', async () => {
    onEnsure = async () => {
      leading.end();
      throw new Error('aborted');
    };
    await expect(settle()).rejects.toThrow(LeadershipLost);
    expect(events()).toEqual(['EnsuringLoadBalancer']);
  });

  test('because the provider hangs is a failure, and no second call goes out until it has returned', async () => {
    let calls = 0;
    let release = (): void => undefined;
    onEnsure = () => {
      calls++;
      return new Promise(resolve => (release = () => resolve(ready)));
    };
    expect((await settle()).next).toEqual({ do: 'after', ms: 5_000 });
    await clock.run(clock.monotonic() + 60_000);
    expect((await settle()).next).toEqual({ do: 'after', ms: 1_000 });
    expect(calls).toBe(1);
    release();
    await clock.run(clock.monotonic() + 1_000);
    onEnsure = () => Promise.resolve(ready);
    await settle();
    expect(address()).toEqual(['192.0.2.1']);
  });
});

describe('a "not yet"', () => {
  const notYet = (retryAfterMs: number, ip?: string): Ensured => ({
    state: 'pending',
    reason: 'booting',
    retryAfterMs,
    ingress: ip === undefined ? [] : [{ ip }],
  });

  test('is asked for again after that, told as a condition, and no failure', async () => {
    onEnsure = () => Promise.resolve(notYet(42_000));
    create();
    const outcome = await settle();
    expect(outcome.next).toEqual({ do: 'after', ms: 42_000 });
    expect('error' in outcome).toBe(false);
    expect(conditions()).toEqual({ Serving: 'False Provisioning', Provisioning: 'True Provisioning' });
    expect(client.get('web').status?.conditions?.[0]?.message).toBe('booting');
    expect(events()).toEqual(['EnsuringLoadBalancer']);
  });

  test.each([
    [0, 100],
    [-5, 100],
    [Number.NaN, 5_000],
    [undefined as unknown as number, 5_000],
    [Number.POSITIVE_INFINITY, 5_000],
    [1e12, 3_600_000],
  ])('that asks for %s is asked again after %i', async (asked, ms) => {
    onEnsure = () => Promise.resolve(notYet(asked));
    create();
    expect((await settle()).next).toEqual({ do: 'after', ms });
    expect((await settle()).next).toEqual({ do: 'after', ms });
  });

  test('with a new address publishes it, and is not asked again before its time', async () => {
    create();
    await settle();
    let calls = 0;
    onEnsure = () => {
      calls++;
      return Promise.resolve(notYet(10_000, '192.0.2.2'));
    };
    version = 2;
    await settle();
    expect(address()).toEqual(['192.0.2.2']);
    sync();
    await settle();
    expect(calls).toBe(1);
  });

  test('without an address leaves the one that is published', async () => {
    create();
    await settle();
    onEnsure = () => Promise.resolve(notYet(10_000));
    version = 2;
    await settle();
    expect(address()).toEqual(['192.0.2.1']);
    expect(conditions()).toEqual({ Serving: 'True Serving', Provisioning: 'True Provisioning' });
  });
});

describe('while the provider is at work', () => {
  const act =
    (what: () => void): (() => Promise<Ensured>) =>
    async () => {
      what();
      return ready;
    };

  test('a Service that leaves the type gets no address, and is cleaned up', async () => {
    create();
    await step();
    onEnsure = act(() => user(service => ({ ...service, spec: { ...service.spec, type: 'ClusterIP' } })));
    await settle();
    expect(address()).toEqual([]);
    expect(client.get('web').metadata.finalizers).toBeUndefined();
    expect(isThere()).toBe(false);
  });

  test('an address that somebody else publishes is not overwritten', async () => {
    begin({ keepsOutside: false });
    create();
    onEnsure = act(() => {
      client.putStatus({ ...client.get('web'), status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } });
      sync();
    });
    await settle();
    expect(address()).toEqual(['203.0.113.9']);
  });

  test.each([true, false])(
    'a Service that comes back with another’s class gets nothing: finalizer needed %s',
    async keepsOutside => {
      begin({ keepsOutside });
      create({ loadBalancerClass: 'example.com/a' });
      const comesBack = (): void => {
        const service = client.get('web');
        client.put({ ...service, spec: { ...service.spec, type: 'NodePort' } });
        client.put({ ...service, spec: { ...service.spec, loadBalancerClass: 'other.example/x' } }, 'anyVersion');
      };
      // Between our read and our write, so that the write meets a conflict.
      client.next((_request, execute) => {
        comesBack();
        return execute();
      });
      await settle();
      sync();
      await settle();
      expect(client.get('web').spec.loadBalancerClass).toBe('other.example/x');
      expect(client.get('web').metadata.finalizers).toBeUndefined();
      expect(address()).toEqual([]);
      expect(isThere()).toBe(false);
    },
  );

  test('a Service that is gone without a trace is cleaned up by what is remembered', async () => {
    begin({ keepsOutside: false });
    const service = create();
    onEnsure = act(() => client.delete('web'));
    expect((await settle()).next).toEqual({ do: 'forget' });
    expect(isThere()).toBe(true);
    store.remove({ ...service, metadata: { ...service.metadata, resourceVersion: '99999999' } });
    await settle();
    expect(isThere()).toBe(false);
  });

  test('a Service that goes is cleaned up', async () => {
    create();
    await step();
    onEnsure = act(() => {
      client.delete('web');
      sync();
    });
    await settle();
    await settle();
    expect(isThere()).toBe(false);
    expect(() => client.get('web')).toThrow('not found');
  });
});

test('a Service that is another controller’s by now waits for a change, and does not spin', async () => {
  begin({ keepsOutside: false });
  onEnsure = () => Promise.reject(new Error('m'));
  create();
  await settle();
  client.putStatus({ ...client.get('web'), status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } });
  sync();
  expect((await settle()).next).toEqual({ do: 'after', ms: 5_000 });
  await clock.run(clock.monotonic() + 5_000);
  expect((await settle()).next).toEqual({ do: 'forget' });
  expect(address()).toEqual(['203.0.113.9']);
});

describe('a delete', () => {
  beforeEach(async () => {
    create();
    await settle();
    sync();
    events();
  });

  function leave(): void {
    user(service => ({ ...service, spec: { ...service.spec, type: 'NodePort' } }));
  }

  test('is called, then finalizer, address and conditions go in one write', async () => {
    const before = client.writes.length;
    leave();
    await settle();
    expect(isThere()).toBe(false);
    expect(client.writes).toHaveLength(before + 1);
    expect(client.get('web')).toMatchObject({ metadata: { name: 'web' }, spec: { type: 'NodePort' } });
    expect(client.get('web').metadata.finalizers).toBeUndefined();
    expect(conditions()).toEqual({});
    expect(events()).toEqual(['DeletingLoadBalancer', 'DeletedLoadBalancer']);
    expect(records.get(key)).toBeUndefined();
  });

  test('lets the object go, and leaves the finalizers of others', async () => {
    user(service => ({
      ...service,
      metadata: { ...service.metadata, finalizers: [...(service.metadata.finalizers ?? []), 'x/y'] },
    }));
    client.delete('web');
    sync();
    await settle();
    expect(client.get('web').metadata.finalizers).toEqual(['x/y']);
    sync();
    let calls = 0;
    onDelete = () => {
      calls++;
      return Promise.resolve({ state: 'deleted' });
    };
    await settle();
    expect(calls).toBe(0);
  });

  test('that fails keeps the finalizer, says why, and is tried again', async () => {
    onDelete = () => Promise.reject(new Error('no credentials'));
    client.delete('web');
    sync();
    expect(await settle()).toMatchObject({ next: { do: 'after', ms: 5_000 }, providerFailed: true });
    expect(client.get('web').metadata.finalizers).toEqual([ours]);
    expect(conditions()['Degraded']).toBe('True DeleteFailed');
    expect(events()).toEqual(['DeletingLoadBalancer', 'SyncLoadBalancerFailed']);
    sync();
    expect((await settle()).message).toContain('tried again later');
    await clock.run(clock.monotonic() + 5_000);
    expect((await settle()).next).toEqual({ do: 'after', ms: 10_000 });
    expect(events()).toEqual(['SyncLoadBalancerFailed']);
    onDelete = () => Promise.resolve({ state: 'deleted' });
    await clock.run(clock.monotonic() + 10_000);
    await settle();
    expect(() => client.get('web')).toThrow('not found');
  });

  test.each<readonly [string, () => Promise<Deleted>, number]>([
    ['pending', () => Promise.resolve({ state: 'pending', reason: 'x', retryAfterMs: 7_000 }), 7_000],
    [
      'pending without a time',
      () => Promise.resolve({ state: 'pending', reason: 'x', retryAfterMs: Number.NaN }),
      5_000,
    ],
    ['throttled', () => Promise.reject(new ProviderError('throttled', 'x', { retryAfterMs: 7_000 })), 7_700],
    ['unsupported', () => Promise.reject(new ProviderError('unsupported', 'x')), 5_000],
    ['rejected', () => Promise.reject(new ProviderError('rejected', 'x')), 5_000],
  ])('that is %s keeps the finalizer, and is tried again: never given up', async (_name, answer, ms) => {
    onDelete = answer;
    client.delete('web');
    sync();
    expect(rounded(await settle())).toEqual({ do: 'after', ms });
    expect(client.get('web').metadata.finalizers).toEqual([ours]);
  });

  test('is not undone by a failing write: it is called again, and then written', async () => {
    leave();
    client.next(() => {
      throw new KubeError(503, 'x', 'x');
    });
    await expect(settle()).rejects.toMatchObject({ status: 503 });
    expect(client.get('web').metadata.finalizers).toEqual([ours]);
    await settle();
    expect(client.get('web').metadata.finalizers).toBeUndefined();
  });

  test('of a Service that has come back to the type is followed by an ensure', async () => {
    onDelete = async () => {
      user(service => ({ ...service, spec: { ...service.spec, type: 'LoadBalancer' } }));
      return { state: 'deleted' };
    };
    leave();
    await settle();
    expect(isThere()).toBe(true);
    expect(address()).toEqual(['192.0.2.1']);
    expect(client.get('web').metadata.finalizers).toEqual([ours]);
  });

  test('does not wipe the address of another controller, which has the Service by now', async () => {
    onDelete = async () => {
      user(service => ({
        ...service,
        spec: { ...service.spec, type: 'LoadBalancer', loadBalancerClass: 'other.example/x' },
      }));
      client.putStatus({ ...client.get('web'), status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } });
      return { state: 'deleted' };
    };
    leave();
    await settle();
    expect(address()).toEqual(['203.0.113.9']);
    expect(client.get('web').metadata.finalizers).toBeUndefined();
  });

  test('that failed at first does not wipe the address of another controller either, nor take it for ours', async () => {
    onDelete = () => Promise.reject(new Error('out of order'));
    leave();
    await settle();
    user(service => ({
      ...service,
      spec: { ...service.spec, type: 'LoadBalancer', loadBalancerClass: 'other.example/x' },
    }));
    client.putStatus({ ...client.get('web'), status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } });
    sync();
    onDelete = () => Promise.resolve({ state: 'deleted' });
    await clock.run(clock.monotonic() + 5_000);
    await settle();
    expect(address()).toEqual(['203.0.113.9']);
    expect(isThere()).toBe(false);
    expect(client.get('web').metadata.finalizers).toBeUndefined();
  });

  test('of one whose finalizer was stripped by force goes by what is remembered', async () => {
    const service = client.get('web');
    client.put({ ...service, metadata: { ...service.metadata, finalizers: [] } });
    client.delete('web');
    store.remove({ ...service, metadata: { ...service.metadata, resourceVersion: '99999999' } });
    await settle();
    expect(isThere()).toBe(false);
  });

  test('of the one before comes first where a new one has its name', async () => {
    const service = client.get('web');
    client.put({ ...service, metadata: { ...service.metadata, finalizers: [] } });
    client.delete('web');
    client.create('web');
    sync();
    const [before] = outside.keys();
    await settle();
    expect([...outside.keys()]).toHaveLength(1);
    expect([...outside.keys()]).not.toEqual([before]);
    expect(address()).toEqual(['192.0.2.1']);
  });

  test('gets hints that have passed the policy, and nothing that it could change', async () => {
    const refs: LoadBalancerRef[] = [];
    onDelete = ref => {
      refs.push(ref);
      return Promise.resolve({ state: 'deleted' });
    };
    const restricted = {
      ...deps.instance('a'),
      capabilities: { ...capabilities, restrictedAnnotations: ['cloud.example/log-bucket'] },
    };
    settings = { ...settings, instances: [restricted] };
    user(service => ({
      ...service,
      metadata: {
        ...service.metadata,
        annotations: { 'cloud.example/size': 'big', 'cloud.example/log-bucket': 'not-mine', 'other.example/x': 'y' },
      },
      spec: { ...service.spec, type: 'NodePort' },
    }));
    await settle();
    expect(refs.map(ref => ref.annotations)).toEqual([{ 'cloud.example/size': 'big' }]);
    expect(
      refs.every(ref => Object.isFrozen(ref) && Object.isFrozen(ref.service) && Object.isFrozen(ref.annotations)),
    ).toBe(true);
  });
});

describe('leaving behind', () => {
  const releases = [{ namespace: 'default', annotation: annotations.abandon.key }];

  test('drops the finalizer without a call, and records what is left', async () => {
    create();
    await settle();
    events();
    settings = { ...settings, policy: { ...policy, released: releases } };
    onDelete = () => Promise.reject(new Error('must not be called'));
    user(service => ({
      ...service,
      metadata: { ...service.metadata, annotations: { [annotations.abandon.key]: 'true' } },
    }));
    await settle();
    expect(client.get('web').metadata.finalizers).toBeUndefined();
    expect(isThere()).toBe(true);
    expect(address()).toEqual(['192.0.2.1']);
    expect(conditions()).toEqual({ Serving: 'False Abandoned' });
    expect(client.get('web').status?.conditions?.[0]?.message).toContain([...outside.keys()][0]);
    expect(events()).toEqual(['LoadBalancerAbandoned']);
    // And for good.
    const before = client.writes.length;
    sync();
    await settle();
    expect(client.writes).toHaveLength(before);
  });

  test('lets a Service go whose owner is not configured any more', async () => {
    create({}, { finalizers: ['fairlead.dev/former'] });
    settings = { ...settings, policy: { ...policy, released: releases } };
    client.delete('web');
    sync();
    await settle();
    expect(client.get('web').metadata.finalizers).toEqual(['fairlead.dev/former']);
    user(service => ({
      ...service,
      metadata: { ...service.metadata, annotations: { [annotations.abandon.key]: 'true' } },
    }));
    await settle();
    expect(() => client.get('web')).toThrow('not found');
  });
});

describe('adopting', () => {
  test('takes over the standard finalizer together with the address', async () => {
    settings = {
      ...settings,
      policy: { ...policy, released: [{ namespace: 'default', annotation: annotations.adopt.key }] },
    };
    const service = create({}, { finalizers: [stock], annotations: { [annotations.adopt.key]: 'true' } });
    client.putStatus({ ...service, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } });
    sync();
    await settle();
    expect([...outside.values()][0]).toMatchObject({ adopt: true, ingress: [{ ip: '192.0.2.1' }] });
    expect(client.get('web').metadata.finalizers).toEqual([ours]);
    expect(address()).toEqual(['192.0.2.1']);
  });
});

describe('a Service that works as a NodePort only', () => {
  test('says so, and where to reach it, once', async () => {
    settings = { ...settings, instances: [] };
    create({ ports: [{ port: 80, nodePort: 30_080 }] });
    await settle();
    const serving = client.get('web').status?.conditions?.find(({ type }) => type === 'LoadBalancerServing');
    expect(conditions()).toEqual({ Serving: 'False NoProvider', 'fairlead.dev/Reported': 'True Reported' });
    expect(serving?.message).toContain('10.0.0.1:30080');
    expect(events()).toEqual(['NodePortOnly']);
    const before = client.writes.length;
    sync();
    expect((await settle()).next).toEqual({ do: 'forget' });
    expect(client.writes).toHaveLength(before);
    expect(events()).toEqual([]);
    expect(client.get('web').metadata.finalizers).toBeUndefined();
  });
});

describe('a Service that is refused', () => {
  test('says why, once, and keeps what exists', async () => {
    create();
    await settle();
    sync();
    events();
    user(service => ({ ...service, spec: { ...service.spec, loadBalancerSourceRanges: ['everyone'] } }));
    await settle();
    sync();
    await settle();
    expect(conditions()).toEqual({
      Serving: 'True Serving',
      Provisioning: 'False SourceRangesNotSupported',
      Degraded: 'True SourceRangesNotSupported',
    });
    expect(events()).toEqual(['LoadBalancerRejected']);
    expect(address()).toEqual(['192.0.2.1']);
    expect(isThere()).toBe(true);
    user(service => ({ ...service, spec: { ...service.spec, loadBalancerSourceRanges: [] } }));
    await settle();
    expect(conditions()).toEqual({ Serving: 'True Serving', Provisioning: 'False Complete' });
  });
});

test('a step leaves its place when the provider has answered it, and before it writes', async () => {
  begin({ keepsOutside: true });
  const order: string[] = [];
  const told =
    (what: string) =>
    <Answer>(answer: Answer): Answer => {
      order.push(what);
      return answer;
    };
  deps = { ...deps, leavePlace: () => order.push('leave') };
  onEnsure = () => Promise.reject(told('ensure')(new Error('no')));
  create();
  client.next((_request, execute) => told('write')(execute()));
  await settle();
  expect(order.splice(0)).toEqual(['leave', 'write', 'ensure']);
  onEnsure = () => Promise.resolve(ready).then(told('ensure'));
  onDelete = () => Promise.resolve({ state: 'deleted' } as const).then(told('delete'));
  for (let writes = 0; writes < 2; writes++) client.next((_request, execute) => told('write')(execute()));
  await clock.run(clock.monotonic() + 600_000);
  await settle();
  user(service => ({ ...service, spec: { ...service.spec, type: 'NodePort' } }));
  await step();
  expect(order).toEqual(['ensure', 'leave', 'write', 'delete', 'leave', 'write']);
});

test('node ports are stored before the provider hears of them', async () => {
  settings = { ...settings, fillNodePorts: true };
  create({ allocateLoadBalancerNodePorts: false });
  await settle();
  const [port] = client.get('web').spec.ports ?? [];
  expect(port?.nodePort).toBeGreaterThan(30_000);
  expect([...outside.values()][0]?.listeners[0]?.nodePort).toBe(port?.nodePort);
  expect(client.writes[0]?.contentType).toBe('application/json-patch+json');
  expect(keyOf(client.get('web'))).toBe(key);
});
