import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** As much of protobuf.js' JSON as is read here. */
interface Node {
  readonly nested?: Readonly<Record<string, Node>>;
  readonly fields?: Readonly<Record<string, Field>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly methods?: Readonly<Record<string, Rpc>>;
}

export interface Field {
  readonly type: string;
  readonly rule?: 'repeated';
  readonly keyType?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

interface Rpc {
  readonly requestType: string;
  readonly responseType: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface Message {
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** The values that the text field of this name may have, where the schema lists them. */
  enumOf(field: string): ReadonlySet<string> | undefined;
}

/** One method of the API, with its route. */
export interface Route {
  readonly service: string;
  readonly rpc: string;
  readonly httpMethod: string;
  /** As in the schema: `/compute/v1/projects/{project}/…`. */
  readonly template: string;
  readonly pattern: RegExp;
  /** Field of the request that is the body, and its type. */
  readonly body: { readonly field: string; readonly message: Message } | undefined;
  readonly request: Message;
  /** `RegionOperations`, …: who is asked about the operation that it answers with. */
  readonly operations: string | undefined;
}

/**
 * Compute Engine v1 as the SDK itself ships it: routes, types of bodies, required fields, values of enums. What stands there is not written
 * down a second time.
 */
export class Schema {
  readonly #types: Readonly<Record<string, Node>>;

  constructor(types: Readonly<Record<string, Node>>) {
    this.#types = types;
  }

  message(name: string): Message {
    const node = this.#types[name];
    if (node?.fields === undefined) throw new Error(`the schema has no message ${name}`);
    const { fields, nested = {} } = node;
    // A field of type string whose values are listed beside it, under its name in capitals: `IPProtocol` has `IPProtocolEnum`.
    const enums = new Map(
      Object.entries(nested).map(([key, { values }]) => [
        key.replace(/Enum$/, '').toLowerCase(),
        new Set(Object.keys(values ?? {}).filter(value => !value.startsWith('UNDEFINED_'))),
      ]),
    );
    return { name, fields, enumOf: field => enums.get(field.toLowerCase()) };
  }

  /** The methods of these services. */
  routes(services: readonly string[]): readonly Route[] {
    return services.flatMap(service =>
      Object.entries(this.#types[service]?.methods ?? {}).map(([rpc, { requestType, options }]) => {
        const request = this.message(requestType);
        const [httpMethod, template] = httpOf(options);
        const pattern = new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
        const field = camelOf(options['(google.api.http).body'] ?? '');
        const bodyType = request.fields[field]?.type;
        const body = bodyType === undefined ? undefined : { field, message: this.message(bodyType) };
        const operations = options['(google.cloud.operation_service)'];
        return { service, rpc, httpMethod, template, pattern, body, request, operations };
      }),
    );
  }
}

let loaded: Schema | undefined;

/** Reads the 12 MB of it once. */
export function computeSchema(): Schema {
  if (loaded !== undefined) return loaded;
  const file = createRequire(import.meta.url).resolve('@google-cloud/compute/build/protos/protos.json');
  const root = JSON.parse(readFileSync(file, 'utf8')) as Node;
  const path = ['google', 'cloud', 'compute', 'v1'];
  const types = path.reduce<Node>((node, part) => node.nested?.[part] ?? {}, root).nested ?? {};
  loaded = new Schema(types);
  return loaded;
}

export const camelOf = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function httpOf(options: Readonly<Record<string, string>>): readonly [string, string] {
  for (const verb of ['get', 'post', 'put', 'patch', 'delete']) {
    const template = options[`(google.api.http).${verb}`];
    if (template !== undefined) return [verb.toUpperCase(), template];
  }
  throw new Error('a method without a route');
}
