import { describe, expect, test } from 'vitest';
import { BareMetalStage, pool, resource, type ServiceOptions } from '../../support/bare-metal-stage.ts';

/** The allocator's rows of the reference that peers are held to; where DESIGN §3 or §9 says otherwise, as it says. */

const a = { pools: [{ name: 'a', addresses: ['1.2.3.4/31', '1000::4/127'] }] };
const at = (...ips: string[]): ServiceOptions => ({ annotations: { 'metallb.io/loadBalancerIPs': ips.join(',') } });
const sharing = (key: string, more: ServiceOptions = {}): ServiceOptions => ({
  ...more,
  annotations: { 'metallb.io/allow-shared-ip': key, ...more.annotations },
});
const named = (name: string, more: ServiceOptions = {}): ServiceOptions => ({
  ...more,
  annotations: { 'metallb.io/address-pool': name, ...more.annotations },
});
const dual = (policy: ServiceOptions['policy'], more: ServiceOptions = {}): ServiceOptions => ({
  families: ['IPv4', 'IPv6'],
  policy,
  ...more,
});

describe('a requested address', () => {
  test('1: is given, and given again', async () => {
    const stage = await BareMetalStage.open(a);
    expect((await stage.apply('s1', at('1.2.3.4'))).ips).toEqual(['1.2.3.4']);
    expect(await stage.ensure('s1')).toMatchObject({ ips: ['1.2.3.4'], warnings: [] });
  });

  test('2: is refused to a second Service, with the remedy', async () => {
    const stage = await BareMetalStage.open(a);
    await stage.apply('s1', at('1.2.3.4'));
    expect(await stage.apply('s2', at('1.2.3.4'))).toMatchObject({
      ips: [],
      code: 'rejected',
      problem:
        'the requested address 1.2.3.4 is held by another Service, and it is not shared by both: request another, or none',
    });
  });

  test('4: is granted at once when it is free again', async () => {
    const stage = await BareMetalStage.open(a);
    await stage.apply('s1', at('1.2.3.4'));
    await stage.delete('s1');
    expect((await stage.apply('s3', at('1.2.3.4'))).ips).toEqual(['1.2.3.4']);
  });

  test('goes to who waits for it by name, the oldest, without any touch', async () => {
    const stage = await BareMetalStage.open(a);
    await stage.apply('s1', at('1.2.3.4'));
    await stage.apply('s2', at('1.2.3.4'));
    await stage.apply('s3', at('1.2.3.4'));
    await stage.delete('s1');
    expect(stage.ips('s2')).toEqual(['1.2.3.4']);
    expect(stage.called).toEqual(['s2']);
  });

  test('5: of an avoidBuggyIPs pool does not end in .0 or .255', async () => {
    const stage = await BareMetalStage.open({ pools: [{ name: 'b', addresses: ['1.2.4.0/24'], avoidBuggyIPs: true }] });
    for (const ip of ['1.2.4.0', '1.2.4.255'])
      expect(await stage.apply(`s${ip}`, at(ip))).toMatchObject({ ips: [], code: 'unsupported' });
    expect((await stage.apply('ok', at('1.2.4.254'))).ips).toEqual(['1.2.4.254']);
  });

  test('32: by annotation and by spec.loadBalancerIP at once is refused', async () => {
    const stage = await BareMetalStage.open(a);
    expect(await stage.apply('s', { ...at('1.2.3.4'), requested: ['1.2.3.5'] })).toMatchObject({
      ips: [],
      code: 'unsupported',
      problem: 'addresses are requested by annotation and by spec.loadBalancerIP: remove one of the two',
    });
  });

  test.each([
    ['of the wrong family', at('1000::4'), 'the requested address 1000::4 is IPv6, and the Service has IPv4 only'],
    ['that is none', at('1.2.3'), '"1.2.3" is no IP address: correct the request, or remove it'],
    ['with leading zeros', at('1.2.3.04'), '"1.2.3.04" is no IP address: correct the request, or remove it'],
    [
      'twice of a family',
      at('1.2.3.4', '1.2.3.5'),
      'more than one address of a family is requested: a Service has at most one of each',
    ],
    [
      'outside every pool',
      at('9.9.9.9'),
      'the requested address 9.9.9.9 is in no address pool: request another, or none',
    ],
    ['in a pool that does not exist', named('x'), 'there is no address pool "x": correct the annotation, or remove it'],
    [
      'of another pool than the named one',
      named('b', at('1.2.3.4')),
      'the requested address 1.2.3.4 is not in the requested pool b: remove one',
    ],
    [
      'in two spellings that differ',
      { annotations: { 'metallb.io/loadBalancerIPs': '1.2.3.4', 'metallb.universe.tf/loadBalancerIPs': '1.2.3.5' } },
      'the annotations metallb.io/loadBalancerIPs and metallb.universe.tf/loadBalancerIPs differ: remove one',
    ],
  ])('%s is refused', async (_what, options, problem) => {
    const stage = await BareMetalStage.open({ pools: [...a.pools, { name: 'b', addresses: ['5.5.5.0/24'] }] });
    expect(await stage.apply('s', options)).toMatchObject({ ips: [], code: 'unsupported', problem });
  });

  test('spelt in MetalLB’s former way is granted, and the Service is told in MetalLB’s words', async () => {
    const stage = await BareMetalStage.open(a);
    const annotations = { 'metallb.universe.tf/loadBalancerIPs': '1.2.3.4', 'metallb.universe.tf/address-pool': 'a' };
    expect(await stage.apply('old', { annotations })).toMatchObject({
      ips: ['1.2.3.4'],
      warnings: [
        {
          reason: 'deprecatedAnnotation',
          message:
            'Service uses deprecated annotation metallb.universe.tf/address-pool, metallb.universe.tf/loadBalancerIPs: use metallb.io/address-pool, metallb.io/loadBalancerIPs',
        },
      ],
    });
    expect(await stage.apply('new', at('1.2.3.5'))).toMatchObject({ warnings: [] });
  });

  test.each([['metallb.io/'], ['metallb.universe.tf/']])('may be spelt with %s', async prefix => {
    const stage = await BareMetalStage.open(a);
    const annotations = { [`${prefix}loadBalancerIPs`]: ' 1.2.3.5 ', [`${prefix}address-pool`]: 'a' };
    expect((await stage.apply('s', { annotations })).ips).toEqual(['1.2.3.5']);
  });
});

describe('sharing', () => {
  const first = sharing('k', at('1.2.3.4'));

  async function afterSeven(): Promise<BareMetalStage> {
    const stage = await BareMetalStage.open(a);
    await stage.apply('s4', first);
    expect((await stage.apply('s4', sharing('k2', at('1.2.3.4')))).ips).toEqual(['1.2.3.4']);
    return stage;
  }

  test('7: a sole holder may change its key and keeps the address', async () => {
    expect((await afterSeven()).ips('s4')).toEqual(['1.2.3.4']);
  });

  test('8: one port twice is refused', async () => {
    const stage = await afterSeven();
    expect((await stage.apply('s5', sharing('k2', at('1.2.3.4')))).problem).toContain('both have the port TCP/80');
  });

  test('10: under policy Local two selectors are refused, and one is not', async () => {
    const stage = await BareMetalStage.open(a);
    await stage.apply('s4', sharing('k', { ...at('1.2.3.4'), local: 'app=a' }));
    const other = sharing('k', { ...at('1.2.3.4'), local: 'app=b', ports: ['TCP/443'] });
    expect((await stage.apply('s5', other)).problem).toContain('same selector');
    const same = sharing('k', { ...at('1.2.3.4'), local: 'app=a', ports: ['TCP/8443'] });
    expect((await stage.apply('s6', same)).ips).toEqual(['1.2.3.4']);
    const cluster = sharing('k', { ...at('1.2.3.4'), ports: ['TCP/9'] });
    expect((await stage.apply('s7', cluster)).problem).toContain('same selector');
  });

  test('11: another port shares, asked for by name or not', async () => {
    const stage = await afterSeven();
    expect((await stage.apply('s5', sharing('k2', { ports: ['TCP/443'] }))).ips).toEqual(['1.2.3.4']);
    expect((await stage.apply('s6', sharing('k2', { ...at('1.2.3.4'), ports: ['TCP/444'] }))).ips).toEqual(['1.2.3.4']);
  });

  test('13: a younger sharer that changes its key gets another address', async () => {
    const stage = await afterSeven();
    await stage.apply('s5', sharing('k2', { ports: ['TCP/443'] }));
    const after = await stage.apply('s5', sharing('k3', { ports: ['TCP/443'] }));
    expect(after.ips).toEqual(['1.2.3.5']);
    expect(after.warnings[0]?.reason).toBe('AddressGivenUp');
    expect(stage.ips('s4')).toEqual(['1.2.3.4']);
  });

  test('an older sharer that changes its key keeps the address, and the younger gets another', async () => {
    const stage = await afterSeven();
    await stage.apply('s5', sharing('k2', { ports: ['TCP/443'] }));
    expect((await stage.apply('s4', sharing('k3', at('1.2.3.4')))).ips).toEqual(['1.2.3.4']);
    expect(stage.ips('s5')).toEqual(['1.2.3.5']);
    await stage.start();
    expect([stage.ips('s4'), stage.ips('s5')]).toEqual([['1.2.3.4'], ['1.2.3.5']]);
  });

  test('14: TCP and UDP on one port share', async () => {
    const stage = await BareMetalStage.open(a);
    await stage.apply('tcp', sharing('dns', { ...at('1.2.3.4'), ports: ['TCP/53'] }));
    expect((await stage.apply('udp', sharing('dns', { ...at('1.2.3.4'), ports: ['UDP/53'] }))).ips).toEqual([
      '1.2.3.4',
    ]);
  });

  test('across namespaces is refused unless the pool allows it', async () => {
    const other = sharing('k', { ...at('1.2.3.4'), ports: ['TCP/443'], namespace: 'ns2' });
    const closed = await BareMetalStage.open(a);
    await closed.apply('s1', first);
    expect((await closed.apply('s2', other)).problem).toContain('not shared across namespaces');
    const open = await BareMetalStage.open({ pools: [{ ...a.pools[0], sharedAcrossNamespaces: true }] });
    await open.apply('s1', first);
    expect((await open.apply('s2', other)).ips).toEqual(['1.2.3.4']);
    await open.start(a);
    // What is shared already stays.
    expect(open.ips('s2')).toEqual(['1.2.3.4']);
  });

  test('who waits for room beside a holder is called when there is some', async () => {
    const stage = await BareMetalStage.open(a);
    await stage.apply('s1', sharing('k', at('1.2.3.4')));
    await stage.apply('s2', sharing('k', { ...at('1.2.3.4'), ports: ['TCP/81'] }));
    await stage.apply('s3', sharing('k', { ...at('1.2.3.4'), ports: ['TCP/81'] }));
    expect(stage.ips('s3')).toEqual([]);
    await stage.delete('s2');
    expect(stage.ips('s3')).toEqual(['1.2.3.4']);
  });
});

describe('a named pool', () => {
  const config = {
    pools: [
      { name: 'test', addresses: ['1.2.3.4/31', '1.2.3.10/31', '1000::/127', '2000::/127'] },
      { name: 'big', addresses: ['5.0.0.0/16'] },
    ],
  };

  async function full(): Promise<BareMetalStage> {
    const stage = await BareMetalStage.open(config);
    for (const n of [1, 2, 3, 4, 5]) await stage.apply(`s${n}`, named('test'));
    return stage;
  }

  test('16: is exhausted when it is, says so, and nobody is put elsewhere', async () => {
    const stage = await full();
    const given = [1, 2, 3, 4].flatMap(n => stage.ips(`s${n}`));
    expect(given.toSorted()).toEqual(['1.2.3.10', '1.2.3.11', '1.2.3.4', '1.2.3.5']);
    expect(stage.standing('s5')).toMatchObject({
      ips: [],
      code: 'rejected',
      problem: 'no free IPv4 address: pool test is exhausted; widen it, or delete Services',
    });
  });

  test('17: the one that waits gets the address that is freed, without any touch', async () => {
    const stage = await full();
    const [freed] = stage.ips('s2');
    await stage.delete('s2');
    expect(stage.ips('s5')).toEqual([freed]);
  });

  test('works without autoAssign', async () => {
    const stage = await BareMetalStage.open({
      pools: [{ name: 'x', addresses: ['1.2.3.4/31'], autoAssign: false }],
    });
    expect(await stage.apply('any')).toMatchObject({ ips: [], code: 'unsupported' });
    expect((await stage.apply('by-pool', named('x'))).ips).toEqual(['1.2.3.4']);
    expect((await stage.apply('by-address', at('1.2.3.5'))).ips).toEqual(['1.2.3.5']);
  });
});

describe('two families', () => {
  const apart = {
    pools: [
      { name: 'v4', addresses: ['1.2.3.4/31'] },
      { name: 'v6', addresses: ['1000::/127'] },
    ],
  };

  test('19: RequireDualStack takes both from one pool, or nothing', async () => {
    const stage = await BareMetalStage.open(apart);
    expect(await stage.apply('s', dual('RequireDualStack'))).toMatchObject({
      ips: [],
      code: 'rejected',
      problem: expect.stringContaining('no free pair of IPv4 and IPv6 addresses in one pool') as unknown,
    });
    const both = await BareMetalStage.open(a);
    expect((await both.apply('s', dual('RequireDualStack'))).ips).toEqual(['1.2.3.4', '1000::4']);
  });

  test('20: PreferDualStack takes its first family where no pool has both', async () => {
    const stage = await BareMetalStage.open(apart);
    expect((await stage.apply('s1', dual('PreferDualStack'))).ips).toEqual(['1.2.3.4']);
    const six = dual('PreferDualStack', { families: ['IPv6', 'IPv4'] });
    expect((await stage.apply('s2', six)).ips).toEqual(['1000::']);
  });

  test('PreferDualStack takes a pool with both before one with its first family', async () => {
    const stage = await BareMetalStage.open({
      pools: [...apart.pools, ...a.pools.map(one => ({ ...one, addresses: ['9.9.9.8/31', '9::/127'] }))],
    });
    expect((await stage.apply('s', dual('PreferDualStack'))).ips).toEqual(['9.9.9.8', '9::']);
  });

  test('22: the second family is added when the pool gets it, and the first stays', async () => {
    const stage = await BareMetalStage.open();
    await stage.write('addresspools', [pool('p1', ['1.2.3.4/31'])]);
    await stage.apply('s', dual('PreferDualStack'));
    expect(stage.ips('s')).toEqual(['1.2.3.4']);
    await stage.write('addresspools', [pool('p1', ['1.2.3.4/31', '1000::/127'])]);
    expect(stage.ips('s')).toEqual(['1.2.3.4', '1000::']);
  });

  test('23: nothing changes when a pool with both appears elsewhere', async () => {
    const stage = await BareMetalStage.open();
    const poolv4 = pool('poolv4', ['1.2.3.4/31']);
    await stage.write('addresspools', [poolv4]);
    await stage.apply('s', dual('PreferDualStack'));
    await stage.write('addresspools', [poolv4, pool('both', ['9.9.9.8/31', '9::/127'])]);
    await stage.ensure('s');
    expect(stage.ips('s')).toEqual(['1.2.3.4']);
  });

  test('25: PreferDualStack to RequireDualStack and back: what exists stays, and the Service says what it lacks', async () => {
    const stage = await BareMetalStage.open(apart);
    await stage.apply('s', dual('PreferDualStack'));
    const required = await stage.apply('s', dual('RequireDualStack'));
    expect(required).toMatchObject({ ips: ['1.2.3.4'], code: 'rejected' });
    expect(await stage.apply('s', dual('PreferDualStack'))).toMatchObject({ ips: ['1.2.3.4'], problem: '' });
  });

  test('26: RequireDualStack with one cluster address is refused', async () => {
    const stage = await BareMetalStage.open(a);
    expect(await stage.apply('s', { families: ['IPv4'], policy: 'RequireDualStack' })).toMatchObject({
      ips: [],
      code: 'unsupported',
    });
  });

  test('a pool that loses one family takes that one address only', async () => {
    const stage = await BareMetalStage.open();
    await stage.write('addresspools', [pool('p', ['1.2.3.4/31', '1000::/127'])]);
    await stage.apply('s', dual('PreferDualStack'));
    await stage.write('addresspools', [pool('p', ['1.2.3.4/31'])]);
    expect(stage.ips('s')).toEqual(['1.2.3.4']);
  });
});

describe('pinned pools', () => {
  const pinned = (name: string, net: number, allocateTo: object) => ({
    name,
    addresses: [`10.0.${net}.0/30`],
    allocateTo,
  });
  const serviceSelectors = [{ matchLabels: { tier: 'gold' } }];
  const pools = [
    pinned('label-9', 9, { priority: 9, serviceSelectors }),
    pinned('ns1-11', 11, { priority: 11, namespaces: ['ns1'] }),
    pinned('ns1-10', 10, { priority: 10, namespaces: ['ns1'] }),
    pinned('ns1-label-8', 80, { priority: 8, namespaces: ['ns1'], serviceSelectors }),
    pinned('ns1-label-5', 5, { priority: 5, namespaces: ['ns1'], serviceSelectors }),
    pinned('label-8', 8, { priority: 8, serviceSelectors }),
    pinned('ns2-any', 2, { namespaces: ['ns2'] }),
    { name: 'open', addresses: ['10.0.200.0/24'] },
  ];
  const gold = { labels: { tier: 'gold' } };

  test.each([
    ['in ns1 with the label', { namespace: 'ns1', ...gold }, '10.0.5.'],
    ['in ns1 without the label', { namespace: 'ns1' }, '10.0.10.'],
    ['with the label only', { namespace: 'ns3', ...gold }, '10.0.8.'],
    ['in ns2, whose pool has no priority', { namespace: 'ns2' }, '10.0.2.'],
    ['anywhere else', { namespace: 'ns3' }, '10.0.200.'],
  ])('28: a Service %s', async (_where, options, start) => {
    const stage = await BareMetalStage.open({ pools });
    expect((await stage.apply('s', options)).ips[0]).toMatch(start);
  });

  test('29: the next priority follows when one is full, then the pools for everybody', async () => {
    const stage = await BareMetalStage.open({ pools });
    for (let n = 0; n < 9; n++) await stage.apply(`s${n}`, { namespace: 'ns1' });
    const nets = [0, 3, 4, 7, 8].map(n => stage.ips(`s${n}`)[0]?.split('.')[2]);
    expect(nets).toEqual(['10', '10', '11', '11', '200']);
  });

  test('a pool with a priority and nothing else is for every Service, before those without one', async () => {
    const stage = await BareMetalStage.open({
      pools: [{ name: 'open', addresses: ['10.0.200.0/24'] }, pinned('first', 1, { priority: 1 })],
    });
    expect((await stage.apply('s')).ips).toEqual(['10.0.1.0']);
  });

  test('31: the labels of a namespace decide for new Services only', async () => {
    const namespaceSelectors = [{ matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] }];
    const config = {
      pools: [pinned('prod', 1, { priority: 1, namespaceSelectors }), { name: 'open', addresses: ['10.0.200.0/24'] }],
    };
    const stage = await BareMetalStage.open(config);
    await stage.apply('old');
    expect(stage.ips('old')).toEqual(['10.0.200.0']);
    await stage.write('namespaces', [resource('ns1', {}, { labels: { env: 'prod' } })]);
    expect((await stage.apply('new')).ips).toEqual(['10.0.1.0']);
    expect((await stage.ensure('old')).ips).toEqual(['10.0.200.0']);
    await stage.start();
    expect(stage.ips('old')).toEqual(['10.0.200.0']);
  });

  test('by name a pool that is not for the Service is refused', async () => {
    const stage = await BareMetalStage.open({ pools });
    for (const options of [named('ns2-any'), at('10.0.2.1')])
      expect(await stage.apply('s', options)).toMatchObject({
        code: 'unsupported',
        problem: 'the address pool ns2-any is not for this Service: its allocateTo leaves it out',
      });
  });
});

describe('a status with more in it than ours', () => {
  test('34: a hostname or an address of no pool of our own mark gives way to one of ours', async () => {
    const stage = await BareMetalStage.open(a);
    expect((await stage.apply('s1', { ingress: [{ hostname: 'lb.example.com' }] })).ips).toEqual(['1.2.3.4']);
    expect((await stage.apply('s2', { ingress: [{ ip: '9.9.9.9' }] })).ips).toEqual(['1.2.3.5']);
  });

  test('35: three addresses are no reason to stop', async () => {
    const stage = await BareMetalStage.open(a);
    const ingress = [{ ip: '1.2.3.5' }, { ip: '7.7.7.7' }, { ip: '::ffff:1.2.3.4' }, { ip: 'x' }, {}];
    expect((await stage.apply('s', { ingress })).ips).toEqual(['1.2.3.5']);
    await stage.start();
    expect(stage.ips('s')).toEqual(['1.2.3.5']);
  });
});

describe('restarts and pool changes', () => {
  test('37: who holds an address keeps it over five restarts, and who waits goes on waiting', async () => {
    const config = { pools: ['10.0.0.1/32', '10.0.0.2/32'] };
    const stage = await BareMetalStage.open(config);
    for (const n of [1, 2, 3, 4]) await stage.apply(`s${n}`);
    for (let n = 0; n < 5; n++) {
      await stage.start();
      expect([1, 2, 3, 4].map(one => stage.ips(`s${one}`))).toEqual([['10.0.0.1'], ['10.0.0.2'], [], []]);
    }
  });

  async function two(): Promise<BareMetalStage> {
    const stage = await BareMetalStage.open();
    await stage.write('addresspools', [pool('p', ['1.2.3.0/30', '1000::/126'])]);
    await stage.apply('s1', at('1.2.3.0'));
    await stage.apply('s1');
    await stage.apply('s2', { families: ['IPv6'] });
    expect([stage.ips('s1'), stage.ips('s2')]).toEqual([['1.2.3.0'], ['1000::']]);
    return stage;
  }

  test.each([
    ['written again', [['p', ['1.2.3.0/30', '1000::/126']]]],
    ['widened', [['p', ['1.2.3.0/24', '1000::/64']]]],
    ['shrunk to what is held', [['p', ['1.2.3.0-1.2.3.0', '1000::/128']]]],
    ['renamed', [['q', ['1.2.3.0/30', '1000::/126']]]],
    [
      'split in two',
      [
        ['q', ['1.2.3.0/31']],
        ['r', ['1.2.3.2/31', '1000::/126']],
      ],
    ],
  ] as const)('38: a pool %s takes nothing away', async (_how, pools) => {
    const stage = await two();
    await stage.write(
      'addresspools',
      pools.map(([name, addresses]) => pool(name, addresses)),
    );
    for (const name of ['s1', 's2']) await stage.ensure(name);
    expect([stage.ips('s1'), stage.ips('s2')]).toEqual([['1.2.3.0'], ['1000::']]);
  });

  test.each([
    ['shrunk past it', { addresses: ['1.2.3.2/31', '1000::/126'] }, '1.2.3.2'],
    ['that avoids .0', { addresses: ['1.2.3.0/30', '1000::/126'], avoidBuggyIPs: true }, '1.2.3.1'],
    ['that reserves it', { addresses: ['1.2.3.0/30', '1000::/126'], reserved: ['1.2.3.0/31'] }, '1.2.3.2'],
  ])('38: a pool %s takes that address, gives another and says so', async (_how, spec, ip) => {
    const stage = await two();
    await stage.write('addresspools', [resource('p', spec)]);
    expect([stage.ips('s1'), stage.ips('s2')]).toEqual([[ip], ['1000::']]);
    expect(stage.standing('s1').warnings).toEqual([
      { reason: 'AddressMoved', message: `1.2.3.0 is in no address pool any more: the Service has ${ip} now` },
    ]);
  });

  test('an address that no pool has any more stays published until another is to be had', async () => {
    const stage = await two();
    await stage.write('addresspools', [pool('p', ['1000::/126'])]);
    expect(stage.standing('s1')).toMatchObject({ ips: ['1.2.3.0'], code: 'rejected' });
    await stage.write('addresspools', [pool('p', ['1000::/126', '4.4.4.4/32'])]);
    expect(stage.ips('s1')).toEqual(['4.4.4.4']);
  });

  test.each([
    [['1.2.3.0/24'], {}, 256],
    [['1.2.3.0/24', '1.2.4.0/25'], {}, 384],
    [['1.2.3.0/24', '1.2.4.0/25'], { avoidBuggyIPs: true }, 381],
    [['1.2.3.0/31', '1000::/127'], { avoidBuggyIPs: true }, 3],
    [['1.2.3.0/24'], { reserved: ['1.2.3.0/28', '1.2.3.255'] }, 239],
    [['2001:db8::/64'], {}, 2 ** 64],
  ])('40: %j with %j counts %d', async (addresses, more, total) => {
    const stage = await BareMetalStage.open();
    await stage.write('addresspools', [pool('p', addresses, more)]);
    const gauges = ['IPv4', 'IPv6'].map(family => stage.gauge('pool_addresses_total', 'p', family) ?? 0);
    expect(gauges.reduce((sum, one) => sum + one, 0)).toBe(total);
    expect(stage.status('p')).toMatchObject({ total: BigInt(total).toString(), used: '0' });
  });

  test('40: a shared address counts once, and metric and status agree', async () => {
    const stage = await BareMetalStage.open();
    await stage.write('addresspools', [pool('p', ['1.2.3.0/30'])]);
    await stage.apply('s1', sharing('k', { ports: ['TCP/1'] }));
    await stage.apply('s2', sharing('k', { ports: ['TCP/2'], namespace: 'ns1' }));
    expect(stage.gauge('pool_addresses_in_use', 'p')).toBe(1);
    expect(stage.status('p')).toMatchObject({
      total: '4',
      used: '1',
      available: '3',
      holders: [{ address: '1.2.3.0', services: ['ns1/s1', 'ns1/s2'] }],
    });
    await stage.delete('s1');
    expect(stage.gauge('pool_addresses_in_use', 'p')).toBe(1);
    await stage.delete('s2');
    expect(stage.gauge('pool_addresses_in_use', 'p')).toBe(0);
  });

  test('41: an invalid change is refused as a whole, with both pools named, and the last valid one stays', async () => {
    const stage = await BareMetalStage.open();
    const good = pool('a', ['1.2.3.0/30']);
    await stage.write('addresspools', [good]);
    await stage.apply('s1');
    const wide = pool('a', ['1.2.3.0/24', '4.4.4.0/24']);
    await stage.write('addresspools', [wide, pool('b', ['1.2.3.128/25'])]);
    const message =
      '1.2.3.128/25 of AddressPool b overlaps with 1.2.3.0/24 of AddressPool a: give each address to one pool';
    expect(stage.reports).toContainEqual(
      expect.objectContaining({ kind: 'event', reason: 'PoolRefused', type: 'Warning', message }),
    );
    for (const name of ['a', 'b'])
      expect(stage.status(name)).toMatchObject({ conditions: [{ type: 'Accepted', status: 'False', message }] });
    expect(await stage.apply('s2', at('4.4.4.4'))).toMatchObject({ code: 'unsupported' });
    expect((await stage.apply('s3')).ips).toEqual(['1.2.3.1']);
    await stage.write('addresspools', [wide]);
    expect(stage.status('a')).toMatchObject({ conditions: [{ type: 'Accepted', status: 'True', message: '' }] });
    // Who waited has been called.
    expect(stage.ips('s2')).toEqual(['4.4.4.4']);
  });

  test('43: without pools a Service waits without a Warning, and has an address as soon as there are some', async () => {
    const stage = await BareMetalStage.open();
    expect(await stage.apply('s')).toMatchObject({ ips: [], code: 'pending' });
    await stage.write('addresspools', [pool('p', ['1.2.3.0/30'])]);
    expect(stage.ips('s')).toEqual(['1.2.3.0']);
  });
});
