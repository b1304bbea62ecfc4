/**
 * The plural of the resource that a path is about, for metrics: no name of an object is ever in it. Pure.
 *
 * | path                                           | resource |
 * |------------------------------------------------|----------|
 * | /api/v1/services                               | services |
 * | /api/v1/namespaces/a/services/b/status         | services |
 * | /apis/coordination.k8s.io/v1/namespaces/a/leases/b | leases |
 * | /api/v1/namespaces/a                           | namespaces |
 * | /version                                       | other    |
 */
export function resourceOf(path: string): string {
  const [, api, ...parts] = path.split('/');
  const resource = api === 'api' ? parts.slice(1) : api === 'apis' ? parts.slice(2) : [];
  const isInNamespace = resource[0] === 'namespaces' && resource.length > 2;
  return (isInNamespace ? resource[2] : resource[0]) || 'other';
}
