type Fields = Readonly<Record<string, unknown>>;

const project = 'projects/demo-project';
const region = `${project}/regions/europe-west1`;
const zones = ['europe-west1-b', 'europe-west1-c'].map(zone => `${project}/zones/${zone}`);

/** A forwarding rule and what stands behind it. */
export interface ReadRule {
  readonly name: string;
  readonly address: string;
  readonly protocol: string;
  readonly ports: string;
}

/** Reads a Compute Engine over HTTP, past everything of ours: what it says is there is there. */
export class GceReader {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  async rules(): Promise<readonly ReadRule[]> {
    return (await this.#list(`${region}/forwardingRules`)).map(rule => ({
      name: String(rule['name']),
      address: String(rule['IPAddress']),
      protocol: String(rule['IPProtocol']),
      ports: rule['allPorts'] === true ? 'all ports' : (rule['ports'] as readonly string[]).join(', '),
    }));
  }

  /** Every object of which balancers are made, in one line each. */
  async objects(): Promise<readonly string[]> {
    const [rules, services, checks, addresses, firewalls, ...groups] = await Promise.all([
      this.rules(),
      this.#list(`${region}/backendServices`),
      this.#list(`${region}/healthChecks`),
      this.#list(`${region}/addresses`),
      this.#list(`${project}/global/firewalls`),
      ...zones.map(zone => this.#groups(zone)),
    ]);
    return [
      ...rules.map(
        ({ name, address, protocol, ports }) => `forwarding rule ${name}: ${protocol} ${ports} at ${address}`,
      ),
      ...services.map(one => `backend service ${String(one['name'])}: over ${groupsOf(one).join(' and ')}`),
      ...checks.map(one => `health check ${String(one['name'])}: ${String(one['type'])} ${askedAt(one)}`),
      ...groups.flat(),
      ...addresses.map(one => `address ${String(one['name'])}: ${String(one['address'])}, ${String(one['status'])}`),
      ...firewalls.map(one => `firewall rule ${String(one['name'])}: ${lettingIn(one)}`),
    ];
  }

  async #groups(zone: string): Promise<readonly string[]> {
    const groups = await this.#list(`${zone}/instanceGroups`);
    return Promise.all(
      groups.map(async ({ name }) => {
        const members = await this.#ask('POST', `${zone}/instanceGroups/${String(name)}/listInstances`);
        const names = itemsOf(members).map(({ instance }) => lastOf(instance));
        return `instance group ${String(name)} in ${lastOf(zone)}: ${names.join(', ')}`;
      }),
    );
  }

  async #list(path: string): Promise<readonly Fields[]> {
    return itemsOf(await this.#ask('GET', path));
  }

  async #ask(method: string, path: string): Promise<Fields> {
    const body = method === 'POST' ? '{}' : null;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.#endpoint}/compute/v1/${path}`, { method, body, headers });
    if (!response.ok) throw new Error(`the fake of Google Cloud answered ${response.status} to ${method} ${path}`);
    return (await response.json()) as Fields;
  }
}

function itemsOf({ items = [] }: Fields): readonly Fields[] {
  return items as readonly Fields[];
}

function groupsOf({ backends = [] }: Fields): readonly string[] {
  return (backends as readonly Fields[]).map(({ group }) => String(group).split('/').slice(-3).join('/'));
}

function askedAt({ httpHealthCheck }: Fields): string {
  const { port, requestPath } = (httpHealthCheck ?? {}) as Fields;
  return `port ${String(port)} ${String(requestPath)}`;
}

function lettingIn({ allowed, sourceRanges, destinationRanges }: Fields): string {
  const ports = (allowed as readonly { IPProtocol: string; ports: readonly string[] }[]).map(
    one => `${one.IPProtocol} ${one.ports.join(', ')}`,
  );
  const to = destinationRanges === undefined ? '' : ` to ${(destinationRanges as readonly string[]).join()}`;
  return `${ports.join(' and ')} from ${(sourceRanges as readonly string[]).join()}${to}`;
}

function lastOf(path: unknown): string {
  return String(path).split('/').at(-1) ?? '';
}
