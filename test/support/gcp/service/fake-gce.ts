import { collections, kindRules } from '../kinds/kinds.ts';
import { computeSchema, type Route } from '../schema/schema.ts';
import { ApiError, errorBody, forbidden, invalid } from '../world/api-error.ts';
import type { GceOptions } from '../world/options.ts';
import { GceWorld } from '../world/world.ts';
import { checkRequest, findRoute } from './check-request.ts';
import { collectionOf } from './checked.ts';
import { type Fault, Faults } from './faults.ts';
import { type Entry, Journal, type Request } from './journal.ts';
import type { Query } from './list-page.ts';
import { performers } from './performers.ts';
import { permissionsFor } from './permissions.ts';
import { RateLimits } from './rate-limits.ts';

/** `undefined`: the connection ends without one. */
export type Answer = { readonly status: number; readonly body: object } | undefined;

/**
 * A Compute Engine that keeps what is made in it, and knows what the real one would refuse. What a method takes comes from the SDK's own schema,
 * what it means from `kinds/`.
 */
export class FakeGce {
  readonly world: GceWorld;
  readonly journal = new Journal();
  readonly faults = new Faults();
  readonly #schema = computeSchema();
  readonly #routes = this.#schema.routes(Object.keys(collections));
  readonly #limits = new RateLimits();
  /** Request id → path of the operation that it has begun. */
  readonly #begun = new Map<string, string>();

  constructor(options: GceOptions) {
    this.world = new GceWorld(options);
  }

  async answer(request: Request): Promise<Answer> {
    const url = new URL(request.url, 'http://fake');
    const query = Object.fromEntries(url.searchParams);
    const found = this.#find(request.httpMethod, url.pathname);
    const entry = this.journal.add({
      method: found === undefined ? '' : methodOf(found.route),
      mutating: found?.route.operations !== undefined,
      path: url.pathname,
      query,
      body: request.body,
      at: this.world.clock.now(),
      permissions: [],
      status: 0,
    });
    const fault = this.faults.hit(entry.method, entry.mutating);
    const answer = await this.#within(fault, () => this.#perform(request, url.pathname, query, entry, fault));
    await this.#delay(entry.mutating);
    entry.status = answer?.status ?? 0;
    return answer;
  }

  /** What a fault that is no refusal of the API makes of a request. */
  async #within(fault: Fault | undefined, perform: () => Promise<Answer>): Promise<Answer> {
    if (fault?.kind === 'refuse') return { status: fault.refusal.http, body: errorBody(fault.refusal) };
    if (fault?.kind === 'before')
      return { status: 503, body: errorBody({ http: 503, reason: 'backendError', message: 'Backend error' }) };
    if (fault?.kind === 'hang') await this.faults.cleared;
    const answer = await perform();
    return fault?.kind === 'after' ? undefined : answer;
  }

  async #perform(
    request: Request,
    pathname: string,
    query: Query,
    entry: Entry,
    fault: Fault | undefined,
  ): Promise<Answer> {
    try {
      this.#checkToken(request);
      const { route, params } = findRoute(this.#routes, request.httpMethod, pathname);
      this.#limits.check(this.world, entry.mutating);
      const path = decodeURIComponent(pathname).replace(/^\/compute\/v1\//, '');
      this.#checkPermissions(route, path, request.body, entry);
      const body = checkRequest(this.#schema, route, params, query, request.body);
      if (!['Regions', 'Zones'].includes(route.service)) this.#checkPlace(params);
      const repeated = this.#begun.get(query['requestId'] ?? '');
      if (repeated !== undefined) return { status: 200, body: this.world.operations.get(repeated) };
      const failure = fault?.kind === 'operation' ? new ApiError(fault.refusal) : undefined;
      const performer = performers[route.rpc];
      if (performer === undefined || (entry.mutating && kindRules[collectionOf(route)] === undefined))
        throw notImplemented(entry.method);
      const result = await performer(this.world, { route, path, query, body, failure });
      if (entry.mutating && query['requestId'] !== undefined)
        this.#begun.set(query['requestId'], operationPath(result));
      return { status: 200, body: result };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: error.refusal.http, body: errorBody(error.refusal) };
    }
  }

  #find(httpMethod: string, pathname: string): { route: Route } | undefined {
    try {
      return findRoute(this.#routes, httpMethod, pathname);
    } catch {
      return undefined;
    }
  }

  #checkToken({ headers }: Request): void {
    const { token } = this.world.options;
    if (token === undefined || headers['authorization'] === `Bearer ${token}`) return;
    throw new ApiError({ http: 401, reason: 'authError', message: 'Request had invalid authentication credentials.' });
  }

  #checkPermissions(route: Route, path: string, body: unknown, entry: Entry): void {
    const rpc = route.rpc.charAt(0).toLowerCase() + route.rpc.slice(1);
    entry.permissions = permissionsFor(collectionOf(route), rpc, body, this.world.store.find(path)?.fields);
    const { permissions } = this.world.options;
    const missing = entry.permissions.find(one => permissions !== undefined && !permissions.has(one));
    if (missing !== undefined) throw forbidden(`compute.${missing}`, path);
  }

  /** Project, region and zone have to be there. */
  #checkPlace({ project = '', region, zone }: Query): void {
    const known = (collection: string, name: string) =>
      this.world.store.find(`projects/${project}/${collection}/${name}`) !== undefined;
    if (!this.world.projects.has(project))
      throw new ApiError({
        http: 404,
        reason: 'notFound',
        message: `The resource 'projects/${project}' was not found`,
      });
    if (region !== undefined && !known('regions', region))
      throw invalid(`Invalid value for field 'region': '${region}'. Unknown region.`);
    if (zone !== undefined && !known('zones', zone))
      throw invalid(`Invalid value for field 'zone': '${zone}'. Unknown zone.`);
  }

  #delay(mutating: boolean): Promise<void> {
    const { latency = {} } = this.world.options;
    const ms = (mutating ? latency.mutation : latency.read) ?? 0;
    return ms === 0 ? Promise.resolve() : new Promise(resolve => this.world.clock.after(ms, resolve));
  }
}

const methodOf = (route: Route): string =>
  `${collectionOf(route)}.${route.rpc.charAt(0).toLowerCase()}${route.rpc.slice(1)}`;
const operationPath = (operation: Readonly<Record<string, unknown>>): string =>
  String(operation['selfLink']).replace(/^.*\/compute\/v1\//, '');
const notImplemented = (method: string): ApiError =>
  new ApiError({ http: 501, reason: 'notImplemented', message: `This fake does not know ${method}` });
