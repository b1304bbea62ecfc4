/** As much of protobuf.js' JSON as is read here. */
export interface ProtoNode {
  readonly nested?: Readonly<Record<string, ProtoNode>>;
  readonly fields?: Readonly<Record<string, { readonly type: string }>>;
  readonly methods?: Readonly<Record<string, { readonly requestType: string; readonly responseType: string }>>;
}

const compute = ['google', 'cloud', 'compute'];

/**
 * What is left of the SDK's schema of 12 MB for these methods of v1 (service → methods): they, and every message that they lead to. Other versions
 * go; Google's own descriptions of HTTP and of protobuf stay. Pure.
 */
export function trimProtos(root: ProtoNode, wanted: Readonly<Record<string, readonly string[]>>): ProtoNode {
  const types = [...compute, 'v1'].reduce<ProtoNode>((node, part) => node.nested?.[part] ?? {}, root).nested ?? {};
  const kept = new Map<string, ProtoNode>();
  const queue: string[] = [];
  for (const [service, methods] of Object.entries(wanted)) {
    const node = withMethods(types[service], service, methods);
    kept.set(service, node);
    queue.push(...Object.values(node.methods ?? {}).flatMap(method => [method.requestType, method.responseType]));
  }
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const node = types[name];
    if (node === undefined || kept.has(name)) continue;
    kept.set(name, node);
    queue.push(...typesIn(node));
  }
  return replaced(root, compute, { v1: { nested: Object.fromEntries(kept) } });
}

function withMethods(node: ProtoNode | undefined, service: string, wanted: readonly string[]): ProtoNode {
  const methods = Object.entries(node?.methods ?? {}).filter(([name]) => wanted.includes(name));
  if (methods.length === wanted.length) return { ...node, methods: Object.fromEntries(methods) };
  throw new Error(`the SDK’s schema has not all of ${service}: ${wanted.join(', ')}`);
}

function typesIn({ fields = {}, nested = {} }: ProtoNode): readonly string[] {
  return [...Object.values(fields).map(({ type }) => type), ...Object.values(nested).flatMap(typesIn)];
}

function replaced(node: ProtoNode, [first, ...rest]: readonly string[], nested: Record<string, ProtoNode>): ProtoNode {
  if (first === undefined) return { ...node, nested };
  return { ...node, nested: { ...node.nested, [first]: replaced(node.nested?.[first] ?? {}, rest, nested) } };
}
