import { describe, expect, test } from 'vitest';
import { createProvider } from '../../../providers/bare-metal/bare-metal.ts';
import { probeCandidates } from '../../../providers/bare-metal/ledger/probe-candidates.ts';
import { BareMetalStage, pool, resource } from '../../support/bare-metal-stage.ts';
import { silentContext } from '../../support/provider-context.ts';

const mac = '02:00:00:00:00:09';
const speaker = (name: string, status: object) => resource(name, {}, { status });

describe('the configuration', () => {
  test.each<[unknown, string]>([
    ['x', 'bare-metal: config must be an object'],
    [{ pool: [] }, 'bare-metal: config.pool is not known: use pools, kinds, metallbNamespace'],
    [{ kinds: ['IPPool'] }, 'bare-metal: config.kinds must be a list of AddressPool and IPAddressPool'],
    [{ metallbNamespace: 'A B' }, 'bare-metal: config.metallbNamespace must be the name of a namespace'],
    [
      { pools: ['10.0.0.1/24'] },
      'bare-metal: pool 10.0.0.1/24 of the configuration: addresses: "10.0.0.1/24" has host bits set',
    ],
    [{ pools: ['10.0.0.0/24', '10.0.0.0/25'] }, 'overlaps with'],
  ])('%j is refused at the start', (config, message) => {
    expect(() => createProvider(silentContext({ config }))).toThrow(message);
  });

  test('can be empty: pools come from kinds', () => {
    expect(createProvider(silentContext()).capabilities.keepsOutside).toBe(false);
  });
});

describe('kinds', () => {
  const metallb = { ipAddressPools: pool('m', ['10.0.0.0/30']) };

  test('of MetalLB are read beside ours', async () => {
    const stage = await BareMetalStage.open();
    await stage.write('ipaddresspools', [metallb.ipAddressPools]);
    await stage.write('addresspools', [pool('p', ['10.0.1.0/30'])]);
    const annotations = { 'metallb.io/address-pool': 'm' };
    expect((await stage.apply('s', { annotations })).ips).toEqual(['10.0.0.0']);
  });

  test('of MetalLB can be copied to ours, and vanish, without a change of any address', async () => {
    const stage = await BareMetalStage.open();
    await stage.write('ipaddresspools', [metallb.ipAddressPools]);
    await stage.apply('s');
    await stage.write('addresspools', [pool('m', ['10.0.0.0/30'])]);
    expect(stage.ips('s')).toEqual(['10.0.0.0']);
    await stage.write('ipaddresspools', []);
    await stage.start();
    expect(stage.ips('s')).toEqual(['10.0.0.0']);
  });

  test('that are not known take nothing away, however the process begins', async () => {
    const before = await BareMetalStage.open();
    await before.write('ipaddresspools', [metallb.ipAddressPools]);
    await before.apply('s');
    const after = await BareMetalStage.open();
    await after.write('addresspools', [pool('p', ['10.0.1.0/30'])]);
    for (const [name, one] of before.services) after.services.set(name, one);
    await after.start();
    expect(after.ips('s')).toEqual(['10.0.0.0']);
    expect(after.standing('s').warnings).toEqual([
      {
        reason: 'AddressOutsidePools',
        message:
          '10.0.0.0 is in none of the address pools that are known; it stays until all kinds of pools can be read',
      },
    ]);
  });

  test('that are all known, and valid, do', async () => {
    const stage = await BareMetalStage.open({ kinds: ['AddressPool'] });
    await stage.write('addresspools', [pool('p', ['10.0.0.0/30'])]);
    await stage.apply('s');
    await stage.write('addresspools', [pool('p', ['10.0.1.0/30'])]);
    expect(stage.ips('s')).toEqual(['10.0.1.0']);
    await stage.start({ kinds: [], pools: ['10.0.2.0/30'] });
    expect(stage.ips('s')).toEqual(['10.0.2.0']);
  });

  test('that are invalid from the start are used as far as they are sound, and take nothing away', async () => {
    const stage = await BareMetalStage.open({ kinds: ['AddressPool'] });
    await stage.write('addresspools', [pool('p', ['10.0.0.0/30'])]);
    await stage.apply('s');
    await stage.write('addresspools', [
      pool('p', ['10.0.0.0/30']),
      pool('q', ['10.0.0.0/31']),
      pool('r', ['10.0.2.0/30']),
    ]);
    await stage.start();
    expect(stage.ips('s')).toEqual(['10.0.0.0']);
    expect((await stage.apply('s2')).ips).toEqual(['10.0.2.0']);
  });

  test('a change of status alone is no change', async () => {
    const stage = await BareMetalStage.open();
    const one = pool('p', ['10.0.0.0/30']);
    await stage.write('addresspools', [one]);
    const { set } = stage.desk.allocator.ledger;
    await stage.write('addresspools', [{ ...one, status: { total: '4' } }]);
    expect(stage.desk.allocator.ledger.set).toBe(set);
  });

  test('the time of a condition stays while its status does', async () => {
    const stage = await BareMetalStage.open();
    const lastTransitionTime = '2020-01-01T00:00:00Z';
    const status = { conditions: [{ type: 'Accepted', status: 'True', lastTransitionTime }] };
    const one = { ...pool('p', ['10.0.0.0/30']), status };
    await stage.write('addresspools', [one]);
    expect(stage.status('p')).toMatchObject({
      conditions: [{ lastTransitionTime, observedGeneration: one.generation }],
    });
    await stage.write('addresspools', [{ ...pool('p', ['10.0.0.0/33']), status }]);
    expect(stage.status('p')).toMatchObject({
      conditions: [{ lastTransitionTime: '2023-11-14T22:13:20Z', reason: 'Invalid' }],
    });
  });
});

describe('addresses of others', () => {
  const config = { pools: ['10.0.0.0/29'] };
  const node = resource(
    'n1',
    {},
    { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.0' }, { address: 'n1.example' }, null] } },
  );

  test('those of nodes are never given, and are refused by name', async () => {
    const stage = await BareMetalStage.open(config);
    await stage.write('nodes', [node]);
    expect((await stage.apply('s1')).ips).toEqual(['10.0.0.1']);
    expect(await stage.apply('s2', { requested: ['10.0.0.0'] })).toMatchObject({
      code: 'rejected',
      problem: 'the requested address 10.0.0.0 is an address of node n1: request another, or none',
    });
    await stage.write('nodes', []);
    // Who waited for it has it now.
    expect(stage.ips('s2')).toEqual(['10.0.0.0']);
  });

  test('a node that comes takes no published address away', async () => {
    const stage = await BareMetalStage.open(config);
    await stage.apply('s1');
    await stage.write('nodes', [node]);
    await stage.start();
    expect(stage.ips('s1')).toEqual(['10.0.0.0']);
  });

  test('occupied ones are skipped, with a Warning that names the MAC', async () => {
    const stage = await BareMetalStage.open(config);
    await stage.write('speakers', [
      speaker('n1', { occupied: [{ address: '10.0.0.0', mac }, { address: 'x', mac }, 7] }),
    ]);
    expect(await stage.apply('s1')).toMatchObject({
      ips: ['10.0.0.1'],
      warnings: [{ reason: 'AddressOccupied', message: `10.0.0.0 is in use by ${mac}: it was skipped` }],
    });
    expect((await stage.apply('s2')).warnings).toEqual([]);
    expect((await stage.apply('s3', { requested: ['10.0.0.0'] })).problem).toContain(mac);
  });

  test('count as not available, and are given when they are free again', async () => {
    const stage = await BareMetalStage.open({ kinds: ['AddressPool'] });
    await stage.write('addresspools', [pool('p', ['10.0.0.0/31'])]);
    await stage.write('speakers', [speaker('n1', { occupied: [{ address: '10.0.0.0', mac }] })]);
    await stage.apply('s1');
    await stage.apply('s2');
    expect(stage.status('p')).toMatchObject({ total: '2', used: '1', available: '0' });
    expect(stage.ips('s2')).toEqual([]);
    await stage.write('speakers', [speaker('n1', {})]);
    expect(stage.ips('s2')).toEqual(['10.0.0.0']);
  });

  test.each([
    [
      'and no speaker claims it: the Service moves',
      [{ conflicts: [{ address: '10.0.0.0', mac, isFirst: true }] }],
      '10.0.0.1',
    ],
    [
      'and a speaker announces it: it stays',
      [{ conflicts: [{ address: '10.0.0.0', mac, isFirst: true }] }, { claims: [{ address: '10.0.0.0' }] }],
      '10.0.0.0',
    ],
    [
      'and a speaker had announced it before: it stays',
      [
        { conflicts: [{ address: '10.0.0.0', mac, isFirst: true }] },
        { conflicts: [{ address: '10.0.0.0', mac, isFirst: false }] },
      ],
      '10.0.0.0',
    ],
    ['after it was announced: it stays', [{ conflicts: [{ address: '10.0.0.0', mac, isFirst: false }] }], '10.0.0.0'],
  ])('another host has the address of a Service %s', async (_how, statuses, ip) => {
    const stage = await BareMetalStage.open(config);
    await stage.apply('s1');
    await stage.write(
      'speakers',
      statuses.map((status, n) => speaker(`n${n}`, status)),
    );
    expect(stage.ips('s1')).toEqual([ip]);
    const said = stage.standing('s1').warnings.map(({ message }) => message);
    expect(said).toEqual(
      ip === '10.0.0.0' ? [] : [`10.0.0.0 is in use by ${mac}, and was never announced: the Service has 10.0.0.1 now`],
    );
  });

  test('a Service that asks for the address by name is told of the first conflict, and keeps it', async () => {
    const stage = await BareMetalStage.open(config);
    await stage.apply('s1', { requested: ['10.0.0.0'] });
    await stage.write('speakers', [speaker('n1', { conflicts: [{ address: '10.0.0.0', mac, isFirst: true }] })]);
    expect(stage.standing('s1')).toMatchObject({ ips: ['10.0.0.0'], problem: expect.stringContaining(mac) as unknown });
  });
});

describe('those who wait', () => {
  test('are called oldest first, and only as many as can be served', async () => {
    const stage = await BareMetalStage.open({ kinds: ['AddressPool'] });
    await stage.write('addresspools', [pool('p', ['10.0.0.0/31'])]);
    const names = Array.from({ length: 12 }, (_, n) => `s${n}`);
    for (const name of names) await stage.apply(name);
    await stage.write('addresspools', [pool('p', ['10.0.0.0/31', '10.0.1.0/30'])]);
    expect(stage.called).toEqual(['s2', 's3', 's4', 's5']);
    await stage.delete('s0');
    expect(stage.called).toEqual(['s2', 's3', 's4', 's5', 's6']);
    expect(
      stage.reports.findLast(one => one.kind === 'gauge' && one.gauge === 'services_waiting_for_address'),
    ).toMatchObject({ value: 5 });
  });

  test('are called once for what they cannot use, and then others', async () => {
    const stage = await BareMetalStage.open({ pools: [{ name: 'p', addresses: ['10.0.0.0/32', '2001:db8::/128'] }] });
    await stage.apply('holder');
    await stage.apply('both', { families: ['IPv4', 'IPv6'], policy: 'RequireDualStack' });
    await stage.apply('four');
    await stage.apply('six', { families: ['IPv6'] });
    await stage.delete('holder');
    expect(stage.ips('four')).toEqual(['10.0.0.0']);
    expect(stage.called).toEqual(['four']);
    await stage.delete('six');
    expect(stage.called).toEqual(['four']);
    await stage.delete('four');
    expect(stage.ips('both')).toEqual(['10.0.0.0', '2001:db8::']);
  });

  test('one that is gone, or wants nothing any more, is passed over', async () => {
    const stage = await BareMetalStage.open({ pools: ['10.0.0.0/32'] });
    for (const name of ['s0', 's1', 's2', 's3']) await stage.apply(name);
    await stage.delete('s1');
    await stage.apply('s2', { requested: ['x'] });
    await stage.delete('s0');
    expect(stage.ips('s3')).toEqual(['10.0.0.0']);
  });
});

describe('an address of another controller', () => {
  const config = { pools: ['10.0.0.0/30'] };

  test('is taken over where the operator allows it', async () => {
    const stage = await BareMetalStage.open(config);
    expect((await stage.apply('s', { adopt: true, ingress: [{ ip: '10.0.0.3' }] })).ips).toEqual(['10.0.0.3']);
  });

  test.each([
    ['in no pool', '9.9.9.9', 'the address 9.9.9.9 cannot be taken over: it is in no address pool'],
    ['held by another Service', '10.0.0.0', 'the address 10.0.0.0 cannot be taken over: another Service holds it'],
  ])('is not where it is %s, and nothing changes', async (_what, ip, problem) => {
    const stage = await BareMetalStage.open(config);
    await stage.apply('first');
    const taken = await stage.apply('s', { adopt: true, ingress: [{ ip }] });
    expect(taken).toMatchObject({
      ips: [ip],
      code: 'unsupported',
      problem: expect.stringContaining(problem) as unknown,
    });
  });
});

describe('a clash in the record', () => {
  test('is won by the older, and the younger gets another and is told', async () => {
    const stage = await BareMetalStage.open({ pools: ['10.0.0.0/30'] });
    await stage.apply('old');
    await stage.apply('young');
    const young = stage.services.get('young');
    if (young === undefined) throw new Error('no such Service');
    young.loadBalancer = { ...young.loadBalancer, ingress: [{ ip: '10.0.0.0' }] };
    await stage.start();
    expect([stage.ips('old'), stage.ips('young')]).toEqual([['10.0.0.0'], ['10.0.0.1']]);
    expect(stage.standing('young').warnings).toMatchObject([{ reason: 'AddressGivenUp' }]);
  });
});

describe('a clash with no other address to be had', () => {
  test('takes the address away from the younger, which waits for another', async () => {
    const stage = await BareMetalStage.open({ pools: ['10.0.0.0/32'] });
    const shared = (key: string, port: string) => ({
      annotations: { 'fairlead.dev/allow-shared-ip': key },
      ports: [port],
    });
    await stage.apply('old', shared('k', 'TCP/1'));
    await stage.apply('young', shared('k', 'TCP/2'));
    expect(stage.ips('young')).toEqual(['10.0.0.0']);
    await stage.apply('old', shared('l', 'TCP/1'));
    expect(stage.standing('young')).toMatchObject({
      ips: [],
      code: 'pending',
      problem: expect.stringContaining('is exhausted') as unknown,
      warnings: [{ reason: 'AddressGivenUp' }],
    });
    await stage.delete('old');
    expect(stage.ips('young')).toEqual(['10.0.0.0']);
  });
});

describe('what is probed beforehand', () => {
  test('is what is given next', async () => {
    const pools = [
      { name: 'p', addresses: ['10.0.0.0/29', '2001:db8::/64'], reserved: ['10.0.0.4'] },
      { name: 'q', addresses: ['10.0.1.0/32'] },
    ];
    const stage = await BareMetalStage.open({ pools });
    await stage.apply('a', { requested: ['10.0.0.2'] });
    await stage.start();
    const published = stage.ips('a');
    const likely = probeCandidates(stage.desk.allocator.ledger.set, published, 3).map(({ text }) => text);
    expect(likely).toEqual([
      '10.0.0.3',
      '10.0.0.5',
      '10.0.0.6',
      '2001:db8::',
      '2001:db8::1',
      '2001:db8::2',
      '10.0.1.0',
    ]);
    for (const name of ['b', 'c', 'd']) await stage.apply(name);
    expect(['b', 'c', 'd'].flatMap(name => stage.ips(name))).toEqual(likely.slice(0, 3));
  });
});
