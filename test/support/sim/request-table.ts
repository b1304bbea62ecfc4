import { patchType } from '../../../src/kube/client.ts';
import { absent, type Row } from './request-row.ts';
import {
  as,
  ask,
  balanced,
  condition,
  create,
  fill,
  get,
  leaseSpec,
  leasesPath,
  modified,
  notOnBalancer,
  ok,
  otherUid,
  ours,
  patch,
  patchStatus,
  put,
  refused,
  remove,
  theirs,
  unallocated,
  vip,
} from './request-steps.ts';

const objects: readonly Row[] = [
  {
    name: 'a new balancer Service gets defaults, a node port and an empty status',
    service: 'defaults',
    steps: [
      create(
        'defaults',
        { type: 'LoadBalancer', ports: [{ port: 80 }] },
        ok({
          metadata: { uid: /^[0-9a-f-]{36}$/, resourceVersion: /^\d+$/, creationTimestamp: /Z$/, finalizers: absent },
          spec: {
            ports: [{ port: 80, protocol: 'TCP', targetPort: 80, nodePort: /^300[01]\d$/ }],
            allocateLoadBalancerNodePorts: true,
            externalTrafficPolicy: 'Cluster',
            sessionAffinity: 'None',
            ipFamilies: ['IPv4'],
            loadBalancerClass: absent,
          },
          status: { loadBalancer: { ingress: absent }, conditions: absent },
        }),
      ),
      create('defaults', balanced, refused(409, 'AlreadyExists', 'already exists')),
    ],
    watch: ['ADDED'],
  },
  {
    name: 'what is not there is 404',
    service: 'nothing',
    steps: [
      get('nothing', refused(404, 'NotFound', 'services "nothing" not found')),
      patchStatus('a patch of nothing', 'nothing', {}, refused(404, 'NotFound')),
      remove('nothing', refused(404, 'NotFound')),
      ask(
        'a create in no namespace',
        'POST',
        '/api/v1/namespaces/nowhere/services',
        { metadata: { name: 'x' }, spec: balanced },
        refused(404, 'NotFound', 'namespaces "nowhere" not found'),
      ),
    ],
  },
  {
    name: 'preconditions: resourceVersion is 409, uid alone is 422 in a patch and 409 elsewhere',
    service: 'guarded',
    steps: [
      create('guarded', balanced, ok()),
      patch(
        'merge',
        'a label',
        'guarded',
        { metadata: { labels: { a: 'b' } } },
        ok({ metadata: { labels: { a: 'b' } } }),
      ),
      patchStatus(
        'an old version',
        'guarded',
        seen => ({ metadata: { ...as(seen, 'guarded'), finalizers: [ours] } }),
        refused(409, 'Conflict', modified),
      ),
      patchStatus(
        'an old version and another uid',
        'guarded',
        seen => ({ metadata: { ...as(seen, 'guarded'), uid: otherUid } }),
        refused(409, 'Conflict', modified),
      ),
      patchStatus(
        'a version not reached yet',
        'guarded',
        { metadata: { resourceVersion: '99999999', labels: { c: 'd' } } },
        refused(409, 'Conflict', modified),
      ),
      patchStatus(
        'another uid',
        'guarded',
        { metadata: { uid: otherUid, labels: { c: 'd' } } },
        refused(422, 'Invalid', 'field is immutable', { field: 'metadata.uid' }),
      ),
      patchStatus(
        'another name',
        'guarded',
        { metadata: { name: 'other' } },
        refused(400, 'BadRequest', 'does not match the name on the URL'),
      ),
      put('a replace of an old version', 'guarded', seen => seen('guarded'), refused(409, 'Conflict', modified)),
      put(
        'a replace of another uid',
        'guarded',
        seen => ({ metadata: { name: 'guarded', uid: otherUid }, spec: seen('guarded').spec }),
        refused(409, 'Conflict', 'UID in precondition'),
      ),
      remove('guarded', refused(409, 'Conflict', 'UID in the precondition'), () => ({ uid: otherUid })),
      remove('guarded', refused(409, 'Conflict', 'ResourceVersion in the precondition'), seen => as(seen, 'guarded')),
      get('guarded', ok({ metadata: { labels: { a: 'b' }, finalizers: absent, deletionTimestamp: absent } })),
      remove('guarded', ok({ metadata: { name: 'guarded' } }), seen => as(seen, 'guarded')),
      get('guarded', refused(404, 'NotFound')),
    ],
    watch: ['ADDED', 'MODIFIED', 'DELETED'],
  },
  {
    name: 'a write that changes nothing makes no version and no event',
    service: 'idle',
    steps: [
      create('idle', balanced, ok()),
      patchStatus('finalizer', 'idle', { metadata: { finalizers: [ours] } }, ok()),
      patchStatus(
        'the same again',
        'idle',
        seen => ({ metadata: { ...as(seen, 'idle after finalizer'), finalizers: [ours] } }),
        ok(),
      ),
      patchStatus(
        'nothing on an unchanged version',
        'idle',
        seen => ({ metadata: as(seen, 'idle after finalizer') }),
        ok(),
      ),
    ],
    watch: ['ADDED', 'MODIFIED'],
  },
];

const marks: readonly Row[] = [
  {
    name: 'finalizers merge as a set through the status subresource',
    service: 'finalizers',
    steps: [
      create('finalizers', balanced, ok(), { finalizers: [theirs] }),
      patchStatus(
        'ours, guarded',
        'finalizers',
        seen => ({ metadata: { ...as(seen, 'finalizers'), finalizers: [ours] } }),
        ok({ metadata: { finalizers: [ours, theirs] } }),
      ),
      patchStatus(
        'ours again',
        'finalizers',
        { metadata: { finalizers: [ours] } },
        ok({ metadata: { finalizers: [ours, theirs] } }),
      ),
      patchStatus(
        'not ours',
        'finalizers',
        { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/none'] } },
        ok({ metadata: { finalizers: [ours, theirs] } }),
      ),
      patchStatus(
        'ours gone',
        'finalizers',
        { metadata: { '$deleteFromPrimitiveList/finalizers': [ours] } },
        ok({ metadata: { finalizers: [theirs] } }),
      ),
      patchStatus(
        'a bare word',
        'finalizers',
        { metadata: { finalizers: ['bare'] } },
        refused(422, 'Invalid', 'nor is it fully qualified', { field: 'metadata.finalizers[0]' }),
      ),
      patch(
        'merge',
        'a merge patch',
        'finalizers',
        { metadata: { finalizers: [ours] } },
        ok({ metadata: { finalizers: [ours] } }),
      ),
    ],
    watch: ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED'],
  },
  {
    name: 'a delete waits for the last finalizer and takes no new ones',
    service: 'leaving',
    steps: [
      create('leaving', balanced, ok(), { finalizers: [ours, theirs] }),
      remove('leaving', ok({ metadata: { deletionTimestamp: /Z$/, finalizers: [ours, theirs] } })),
      remove('leaving', ok({ metadata: { deletionTimestamp: /Z$/ } })),
      patchStatus(
        'a new finalizer',
        'leaving',
        { metadata: { finalizers: ['example.com/new'] } },
        refused(422, 'Invalid', 'no new finalizers can be added', { field: 'metadata.finalizers' }),
      ),
      patchStatus('a known finalizer', 'leaving', { metadata: { finalizers: [theirs] } }, ok()),
      patch(
        'merge',
        'a change of spec',
        'leaving',
        { spec: { sessionAffinity: 'ClientIP' } },
        ok({ spec: { sessionAffinity: 'ClientIP' } }),
      ),
      patchStatus(
        'ours gone',
        'leaving',
        { metadata: { '$deleteFromPrimitiveList/finalizers': [ours] }, status: { loadBalancer: { ingress: null } } },
        ok({ metadata: { finalizers: [theirs] } }),
      ),
      patchStatus(
        'theirs gone',
        'leaving',
        { metadata: { '$deleteFromPrimitiveList/finalizers': [theirs] } },
        ok({ metadata: { finalizers: absent, deletionTimestamp: /Z$/ } }),
      ),
      get('leaving', refused(404, 'NotFound')),
      patchStatus('too late', 'leaving', { metadata: { finalizers: [ours] } }, refused(404, 'NotFound')),
    ],
    watch: ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'DELETED'],
  },
  {
    name: 'conditions merge by type, and nobody checks them',
    service: 'conditions',
    steps: [
      create('conditions', balanced, ok()),
      patchStatus(
        'A',
        'conditions',
        { status: { conditions: [condition('A')] } },
        ok({ status: { conditions: [condition('A')], loadBalancer: {} } }),
      ),
      patchStatus(
        'B',
        'conditions',
        { status: { conditions: [condition('B')] } },
        ok({ status: { conditions: [condition('B'), condition('A')] } }),
      ),
      patchStatus(
        'A false',
        'conditions',
        { status: { conditions: [{ type: 'A', status: 'False' }] } },
        ok({ status: { conditions: [condition('B'), condition('A', 'False')] } }),
      ),
      patchStatus(
        'A gone, C new',
        'conditions',
        { status: { conditions: [{ $patch: 'delete', type: 'A' }, condition('C')] } },
        ok({ status: { conditions: [condition('C'), condition('B')] } }),
      ),
      patchStatus(
        'D gone',
        'conditions',
        { status: { conditions: [{ $patch: 'delete', type: 'D' }] } },
        ok({ status: { conditions: [{ type: 'C' }, { type: 'B' }] } }),
      ),
      patchStatus(
        'nonsense',
        'conditions',
        { status: { conditions: [{ ...condition('E', 'Maybe'), reason: 'two words' }] } },
        ok({ status: { conditions: [{ status: 'Maybe' }, { type: 'C' }, { type: 'B' }] } }),
      ),
      patchStatus('all gone', 'conditions', { status: { conditions: null } }, ok({ status: { conditions: absent } })),
    ],
    watch: ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED'],
  },
];

const addresses: readonly Row[] = [
  {
    name: 'ingress is replaced as a whole, and an ip gets ipMode VIP',
    service: 'ingress',
    steps: [
      create('ingress', balanced, ok()),
      patchStatus(
        'an ip',
        'ingress',
        { status: { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } } },
        ok({ status: { loadBalancer: { ingress: [vip] } } }),
      ),
      patchStatus(
        'a hostname',
        'ingress',
        { status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } } },
        ok({ status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com', ip: absent, ipMode: absent }] } } }),
      ),
      patchStatus(
        'ports',
        'ingress',
        {
          status: {
            loadBalancer: {
              ingress: [
                { ip: '2001:db8::7', ipMode: 'Proxy', ports: [{ port: 80, protocol: 'TCP', error: 'NotServed' }] },
                vip,
              ],
            },
          },
        },
        ok({ status: { loadBalancer: { ingress: [{ ipMode: 'Proxy', ports: [{ error: 'NotServed' }] }, vip] } } }),
      ),
      patchStatus(
        'null',
        'ingress',
        { status: { loadBalancer: { ingress: null } } },
        ok({ status: { loadBalancer: { ingress: absent } } }),
      ),
      patchStatus(
        'finalizer, address and condition at once',
        'ingress',
        {
          metadata: { finalizers: [ours] },
          status: { loadBalancer: { ingress: [vip] }, conditions: [condition('A')] },
        },
        ok({
          metadata: { finalizers: [ours] },
          status: { loadBalancer: { ingress: [vip] }, conditions: [condition('A')] },
        }),
      ),
      patchStatus(
        'an empty list',
        'ingress',
        { status: { loadBalancer: { ingress: [] } } },
        ok({ status: { loadBalancer: { ingress: absent }, conditions: [condition('A')] } }),
      ),
    ],
    watch: ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED'],
  },
  {
    name: 'an ingress that cannot be is 422',
    service: 'wrong-ingress',
    steps: [
      create('wrong-ingress', balanced, ok()),
      patchStatus(
        'no ip',
        'wrong-ingress',
        { status: { loadBalancer: { ingress: [{ ip: 'here' }] } } },
        refused(422, 'Invalid', 'must be a valid IP address', { field: 'status.loadBalancer.ingress[0].ip' }),
      ),
      patchStatus(
        'ipMode without ip',
        'wrong-ingress',
        { status: { loadBalancer: { ingress: [{ hostname: 'h', ipMode: 'VIP' }] } } },
        refused(422, 'Invalid', 'may not be specified', { field: 'status.loadBalancer.ingress[0].ipMode' }),
      ),
      patchStatus(
        'an unknown ipMode',
        'wrong-ingress',
        { status: { loadBalancer: { ingress: [{ ip: '203.0.113.7', ipMode: 'Half' }] } } },
        refused(422, 'Invalid', 'Unsupported value', { field: 'status.loadBalancer.ingress[0].ipMode' }),
      ),
      patchStatus(
        'an ip as hostname',
        'wrong-ingress',
        { status: { loadBalancer: { ingress: [{ hostname: '203.0.113.7' }] } } },
        refused(422, 'Invalid', 'not an IP address', { field: 'status.loadBalancer.ingress[0].hostname' }),
      ),
      patchStatus(
        'both',
        'wrong-ingress',
        { status: { loadBalancer: { ingress: [{ hostname: 'h', ip: '203.0.113.7' }] } } },
        ok(),
      ),
    ],
    watch: ['ADDED', 'MODIFIED'],
  },
  {
    name: 'each subresource hears only its own half',
    service: 'halves',
    steps: [
      create('halves', { ...balanced, externalTrafficPolicy: 'Cluster' }, ok()),
      patchStatus(
        'a spec',
        'halves',
        { spec: { type: 'ClusterIP', ports: [{ port: 81 }] } },
        ok({ spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }),
      ),
      patch(
        'merge',
        'a status',
        'halves',
        { status: { loadBalancer: { ingress: [vip] } } },
        ok({ status: { loadBalancer: { ingress: absent } } }),
      ),
      patchStatus(
        'labels and annotations',
        'halves',
        { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } } },
        ok({ metadata: { labels: { a: 'b' }, annotations: { c: 'd' } } }),
      ),
    ],
    watch: ['ADDED', 'MODIFIED'],
  },
];

const types: readonly Row[] = [
  {
    name: 'leaving type LoadBalancer wipes address, class and node ports, and leaves finalizers and conditions',
    service: 'leaver',
    steps: [
      create(
        'leaver',
        { ...balanced, loadBalancerClass: 'example.com/a', externalTrafficPolicy: 'Local' },
        ok({ spec: { healthCheckNodePort: /^300/ } }),
        { finalizers: [ours] },
      ),
      patchStatus(
        'published',
        'leaver',
        { status: { loadBalancer: { ingress: [vip] }, conditions: [condition('A')] } },
        ok(),
      ),
      patch(
        'merge',
        'ClusterIP',
        'leaver',
        { spec: { type: 'ClusterIP' } },
        ok({
          metadata: { finalizers: [ours] },
          spec: {
            type: 'ClusterIP',
            loadBalancerClass: absent,
            allocateLoadBalancerNodePorts: absent,
            externalTrafficPolicy: absent,
            healthCheckNodePort: absent,
            ports: [{ port: 80, nodePort: absent }],
          },
          status: { loadBalancer: { ingress: absent }, conditions: [condition('A')] },
        }),
      ),
      patchStatus(
        'an address on ClusterIP',
        'leaver',
        { status: { loadBalancer: { ingress: [vip] } } },
        refused(422, 'Invalid', "may only be used when `spec.type` is 'LoadBalancer'", {
          field: 'status.loadBalancer.ingress',
        }),
      ),
      patch(
        'merge',
        'a class on ClusterIP',
        'leaver',
        { spec: { loadBalancerClass: 'example.com/a' } },
        refused(422, 'Invalid', notOnBalancer, { field: 'spec.loadBalancerClass' }),
      ),
      patch(
        'merge',
        'NodePort',
        'leaver',
        { spec: { type: 'NodePort' } },
        ok({ spec: { ports: [{ nodePort: /^300/ }] } }),
      ),
      patch(
        'merge',
        'back with another class',
        'leaver',
        { spec: { type: 'LoadBalancer', loadBalancerClass: 'example.com/b' } },
        ok({ spec: { loadBalancerClass: 'example.com/b', allocateLoadBalancerNodePorts: true } }),
      ),
      patch(
        'merge',
        'a third class',
        'leaver',
        { spec: { loadBalancerClass: 'example.com/c' } },
        refused(422, 'Invalid', 'may not change once set', { field: 'spec.loadBalancerClass' }),
      ),
      patch(
        'merge',
        'no class',
        'leaver',
        { spec: { loadBalancerClass: null } },
        refused(422, 'Invalid', 'may not change once set', { field: 'spec.loadBalancerClass' }),
      ),
    ],
    watch: ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED'],
  },
  {
    name: 'a class cannot be set later, and source ranges keep a Service in the type',
    service: 'classless',
    steps: [
      create('classless', { ...balanced, loadBalancerSourceRanges: ['192.0.2.0/24'] }, ok()),
      patch(
        'merge',
        'a class',
        'classless',
        { spec: { loadBalancerClass: 'example.com/a' } },
        refused(422, 'Invalid', 'may not change once set', { field: 'spec.loadBalancerClass' }),
      ),
      patch(
        'merge',
        'ClusterIP',
        'classless',
        { spec: { type: 'ClusterIP' } },
        refused(422, 'Invalid', notOnBalancer, { field: 'spec.LoadBalancerSourceRanges' }),
      ),
      patch(
        'merge',
        'ClusterIP without ranges',
        'classless',
        { spec: { type: 'ClusterIP', loadBalancerSourceRanges: null } },
        ok(),
      ),
      patch(
        'merge',
        'allocation on ClusterIP',
        'classless',
        { spec: { allocateLoadBalancerNodePorts: false } },
        refused(422, 'Invalid', notOnBalancer, { field: 'spec.allocateLoadBalancerNodePorts' }),
      ),
    ],
    watch: ['ADDED', 'MODIFIED'],
  },
];

const everyNodePort = {
  type: 'NodePort',
  ports: Array.from({ length: 20 }, (_, index) => ({ name: `p${index}`, port: index + 1 })),
};

const nodePorts: readonly Row[] = [
  {
    name: 'an exhausted range is a 500, and a failed create holds nothing',
    service: 'greedy',
    steps: [
      create('greedy', everyNodePort, ok()),
      create(
        'late',
        { type: 'NodePort', ports: [{ port: 1 }] },
        refused(500, 'InternalError', 'failed to allocate a nodePort: range is full'),
      ),
      create(
        'late',
        { ...unallocated, externalTrafficPolicy: 'Local' },
        refused(500, 'InternalError', 'failed to allocate a HealthCheck NodePort 0: range is full'),
      ),
      remove('greedy', ok()),
      create('late', everyNodePort, ok()),
      remove('late', ok()),
    ],
    watch: ['ADDED', 'DELETED'],
  },
  {
    name: 'a JSON patch fills a node port in, or is refused for what it is',
    service: 'filled',
    steps: [
      create('taker', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_017 }] }, ok()),
      create('filled', unallocated, ok({ spec: { ports: [{ port: 80, nodePort: absent }] } })),
      patch(
        'json',
        'an old version',
        'filled',
        seen =>
          fill(
            name => ({ ...seen(name), metadata: { ...seen(name).metadata, resourceVersion: '1' } }),
            'filled',
            30_016,
          ),
        refused(422, 'Invalid', 'the server rejected our request due to an error in our request'),
      ),
      patch(
        'json',
        'another port at its place',
        'filled',
        seen => fill(seen, 'filled', 30_016, 81),
        refused(422, 'Invalid', 'the server rejected our request due to an error in our request'),
      ),
      patch(
        'json',
        'a taken number',
        'filled',
        seen => fill(seen, 'filled', 30_017),
        refused(422, 'Invalid', 'provided port is already allocated', {
          field: 'spec.ports[0].nodePort',
          says: 'already allocated',
        }),
      ),
      patch(
        'json',
        'a number out of range',
        'filled',
        seen => fill(seen, 'filled', 1),
        refused(422, 'Invalid', 'The range of valid ports is 30000-30019', { field: 'spec.ports[0].nodePort' }),
      ),
      patch(
        'json',
        'a free number',
        'filled',
        seen => fill(seen, 'filled', 30_016),
        ok({
          metadata: { annotations: { 'fairlead.dev/node-ports': '80=30016' } },
          spec: { ports: [{ nodePort: 30_016 }], allocateLoadBalancerNodePorts: false },
        }),
      ),
      patch(
        'json',
        'a second port',
        'filled',
        [{ op: 'add', path: '/spec/ports/-', value: { name: 'two', port: 81 } }],
        ok({ spec: { ports: [{ nodePort: 30_016 }, { protocol: 'TCP', nodePort: absent }] } }),
      ),
      patch(
        'json',
        'a number that it has itself',
        'filled',
        [{ op: 'add', path: '/spec/ports/1/nodePort', value: 30_016 }],
        refused(500, 'InternalError', 'duplicate nodePort'),
      ),
      put(
        'a replace without numbers',
        'filled',
        () => ({ metadata: { name: 'filled' }, spec: { ...unallocated, clusterIP: undefined } }),
        ok({ spec: { ports: [{ port: 80, nodePort: absent }] } }),
      ),
      patch(
        'merge',
        'allocation on',
        'filled',
        { spec: { allocateLoadBalancerNodePorts: true } },
        ok({ spec: { ports: [{ nodePort: /^300/ }] } }),
      ),
      patch(
        'merge',
        'allocation off',
        'filled',
        { spec: { allocateLoadBalancerNodePorts: false } },
        ok({ spec: { ports: [{ nodePort: /^300/ }] } }),
      ),
      remove('taker', ok()),
    ],
    watch: ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED'],
  },
  {
    name: 'TCP and UDP of one port share a number on create, and a replace without numbers keeps them where allocation is on',
    service: 'shared',
    steps: [
      create(
        'shared',
        {
          type: 'LoadBalancer',
          ports: [
            { name: 't', port: 53, nodePort: 30_010 },
            { name: 'u', port: 53, protocol: 'UDP' },
          ],
        },
        ok({ spec: { ports: [{ nodePort: 30_010 }, { nodePort: 30_010 }] } }),
      ),
      put(
        'a replace without numbers',
        'shared',
        () => ({ metadata: { name: 'shared' }, spec: { ...balanced, ports: [{ name: 't', port: 53 }] } }),
        ok({ spec: { ports: [{ nodePort: 30_010 }] } }),
      ),
      create(
        'loser',
        { type: 'NodePort', ports: [{ port: 80, nodePort: 30_010 }] },
        refused(422, 'Invalid', 'already allocated', { field: 'spec.ports[0].nodePort' }),
      ),
      create(
        'loser',
        { type: 'ClusterIP', ports: [{ port: 80, nodePort: 30_011 }] },
        refused(422, 'Invalid', "may not be used when `type` is 'ClusterIP'", { field: 'spec.ports[0].nodePort' }),
      ),
    ],
    watch: ['ADDED', 'MODIFIED'],
  },
];

const others: readonly Row[] = [
  {
    name: 'a Lease is taken by version',
    service: 'none',
    steps: [
      ask('is made', 'POST', leasesPath, { metadata: { name: 'table' }, spec: leaseSpec }, ok({ spec: leaseSpec }), {
        as: 'first',
      }),
      ask(
        'is made again',
        'POST',
        leasesPath,
        { metadata: { name: 'table' }, spec: leaseSpec },
        refused(409, 'AlreadyExists', 'leases.coordination.k8s.io "table" already exists'),
      ),
      ask(
        'is renewed',
        'PUT',
        `${leasesPath}/table`,
        seen => ({ ...seen('first'), spec: { ...leaseSpec, holderIdentity: 'b' } }),
        ok({ spec: { holderIdentity: 'b' } }),
        { as: 'second' },
      ),
      ask(
        'is renewed from an old version',
        'PUT',
        `${leasesPath}/table`,
        seen => seen('first'),
        refused(409, 'Conflict', modified),
      ),
      ask(
        'is renewed without a version',
        'PUT',
        `${leasesPath}/table`,
        { metadata: { name: 'table' }, spec: leaseSpec },
        refused(422, 'Invalid', 'must be specified for an update', { field: 'metadata.resourceVersion' }),
      ),
      ask(
        'is given back',
        'PUT',
        `${leasesPath}/table`,
        seen => ({ ...seen('second'), spec: { ...leaseSpec, holderIdentity: '', leaseDurationSeconds: 1 } }),
        ok({ spec: { holderIdentity: '', leaseDurationSeconds: 1 } }),
      ),
      ask('is deleted', 'DELETE', `${leasesPath}/table`, undefined, ok({ status: 'Success' })),
      ask(
        'is renewed after its end',
        'PUT',
        `${leasesPath}/table`,
        seen => seen('second'),
        refused(409, 'Conflict', 'UID in precondition'),
      ),
    ],
  },
  {
    name: 'Nodes, ConfigMaps and Events',
    service: 'none',
    steps: [
      ask(
        'a node comes',
        'POST',
        '/api/v1/nodes',
        {
          metadata: { name: 'table', labels: { a: 'b' } },
          spec: { providerID: 'x://1' },
          status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] },
        },
        ok({ status: { addresses: [{ address: '192.0.2.1' }] } }),
      ),
      {
        does: 'a node moves',
        request: () => ({
          method: 'PATCH',
          path: '/api/v1/nodes/table/status',
          contentType: patchType.strategicMerge,
          body: { status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }] } },
        }),
        answer: ok({
          spec: { providerID: 'x://1' },
          status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }] },
        }),
      },
      {
        does: 'a node is labelled',
        request: () => ({
          method: 'PATCH',
          path: '/api/v1/nodes/table',
          contentType: patchType.merge,
          body: { metadata: { labels: { a: null, c: 'd' } } },
        }),
        answer: ok({ metadata: { labels: { a: absent, c: 'd' } } }),
      },
      ask('a node goes', 'DELETE', '/api/v1/nodes/table', undefined, ok({ status: 'Success' })),
      ask(
        'a map comes',
        'POST',
        '/api/v1/namespaces/kube-system/configmaps',
        { metadata: { name: 'table' }, data: { a: '1' } },
        ok({ data: { a: '1' } }),
      ),
      {
        does: 'a map changes',
        request: () => ({
          method: 'PATCH',
          path: '/api/v1/namespaces/kube-system/configmaps/table',
          contentType: patchType.merge,
          body: { data: { a: null, b: '2' } },
        }),
        answer: ok({ data: { a: absent, b: '2' } }),
      },
      ask(
        'a map goes',
        'DELETE',
        '/api/v1/namespaces/kube-system/configmaps/table',
        undefined,
        ok({ status: 'Success' }),
      ),
      ask(
        'an Event comes',
        'POST',
        '/api/v1/namespaces/default/events',
        {
          metadata: { name: 'table.1' },
          involvedObject: { kind: 'Service', namespace: 'default', name: 'x' },
          reason: 'Testing',
          message: '',
          type: 'Normal',
          count: 1,
        },
        ok({ count: 1 }),
      ),
      {
        does: 'an Event comes again',
        request: () => ({
          method: 'PATCH',
          path: '/api/v1/namespaces/default/events/table.1',
          contentType: patchType.merge,
          body: { count: 2 },
        }),
        answer: ok({ count: 2, reason: 'Testing' }),
      },
      ask('an Event goes', 'DELETE', '/api/v1/namespaces/default/events/table.1', undefined, ok({ status: 'Success' })),
      ask(
        'an Event of a namespace that is gone',
        'POST',
        '/api/v1/namespaces/nowhere/events',
        { metadata: { name: 'x.1' }, involvedObject: { namespace: 'nowhere' } },
        refused(404, 'NotFound', 'namespaces "nowhere" not found'),
      ),
    ],
  },
];

/**
 * Node ports come first, and the row that needs them all before the others: the API server may lose one for some minutes. An update that
 * is given one is carried out a second time where the first saw a Service from a cache that lagged, and what the first was given stays
 * taken (kubernetes/staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go, `Update`: `finishUpdate` runs before the write).
 */
export const rows: readonly Row[] = [...nodePorts, ...objects, ...marks, ...addresses, ...types, ...others];
