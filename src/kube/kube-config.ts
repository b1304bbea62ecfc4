import { accessSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
// Not the package's root, which also loads WebSockets and tar for exec and cp: 140 ms and 79 MB as a bundle instead of 170 and 81.
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Clock } from './clock.ts';
import { KubeConfigError, malformed, unreadable, withoutCredentials } from './kube-config-error.ts';

/** What is presented to the API server. Secret: never logged, never part of an error. */
export interface Credentials {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** Options of `tls.connect`, of those that a kubeconfig can give. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** One cluster and one user of a kubeconfig. */
export interface ClusterAccess {
  /** Without a slash at the end. */
  readonly server: string;
  readonly proxyUrl: string | undefined;
  /**
   * Reads certificate files again, token files every minute, and asks a credential plugin when what it gave has expired.
   * Throws a `KubeConfigError`.
   */
  evaluate(): Promise<Credentials>;
}

export interface KubeConfigOptions {
  /** A file. Default: those of $KUBECONFIG, else ~/.kube/config, else the pod's service account. */
  readonly kubeconfig?: string;
  /** Default: the current context. */
  readonly context?: string;
  readonly clock: Clock;
}

type Create = () => KubeConfig;
type Cluster = NonNullable<ReturnType<KubeConfig['getCurrentCluster']>>;

/** The part of a user's `exec` that is read or written here. */
interface ExecConfig {
  readonly apiVersion?: string;
  env?: readonly { readonly name: string; readonly value: string }[] | null;
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const evaluateDeadlineMs = 30_000;

/** Reads the kubeconfig anew. Throws a `KubeConfigError`. */
export async function loadClusterAccess(options: KubeConfigOptions): Promise<ClusterAccess> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = readConfig(options.kubeconfig, () => new KubeConfig());
  const cluster = selectContext(config, options.context);
  checkServer(cluster);
  return {
    server: cluster.server.replace(/\/+$/, ''),
    proxyUrl: cluster.proxyUrl,
    evaluate: () => evaluate(config, options.clock),
  };
}

function readConfig(kubeconfig: string | undefined, create: Create): KubeConfig {
  const named =
    kubeconfig === undefined
      ? (process.env['KUBECONFIG'] ?? '').split(delimiter).filter(file => file !== '')
      : [kubeconfig];
  const files = named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
  // As kubectl does: of several files, those that do not exist are passed over.
  const parsed = files.flatMap(file => readFile(file, create, named.length === 1) ?? []);
  if (parsed.length > 0) return merged(parsed, create);
  if (named.length === 0 && exists(serviceAccountToken)) {
    const config = create();
    config.loadFromCluster();
    return config;
  }
  throw new KubeConfigError(
    `no kubeconfig at ${files.join(' or ')}: give the path of one with --kubeconfig or in KUBECONFIG`,
  );
}

function readFile(file: string, create: Create, isRequired: boolean): KubeConfig | undefined {
  if (!isRequired && !exists(file)) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  const config = create();
  const folder = resolve(dirname(file));
  try {
    config.loadFromString(withTokenFiles(text, folder));
  } catch (error) {
    throw malformed(file, error);
  }
  config.makePathsAbsolute(folder);
  return config;
}

/**
 * A user's `tokenFile` in the form that client-node 2.0.1 reads again every minute: the standard field it passes over (it looks for a
 * `token-file` that nobody writes, and reads that once).
 */
export function withTokenFiles(text: string, folder: string): string {
  return text.replace(
    /(["']?)\btokenFile\1[ \t]*:[ \t]*("[^"\n]+"|'[^'\n]+'|[^\s,}#"']+)/g,
    (_match, _quote, path: string) => {
      const file = resolve(folder, path.replace(/^["']|["']$/g, ''));
      return `"auth-provider": {"name": "tokenFile", "config": {"tokenFile": ${JSON.stringify(file)}}}`;
    },
  );
}

/** As kubectl does: of two entries with one name the first counts. */
function merged(parsed: readonly KubeConfig[], create: Create): KubeConfig {
  const config = create();
  config.loadFromOptions({
    clusters: firstByName(parsed.flatMap(one => one.clusters)),
    users: firstByName(parsed.flatMap(one => one.users)),
    contexts: firstByName(parsed.flatMap(one => one.contexts)),
    currentContext: parsed.map(one => one.currentContext).find(name => name),
  });
  return config;
}

function firstByName<Named extends { readonly name: string }>(all: readonly Named[]): Named[] {
  return [...new Map(all.toReversed().map(one => [one.name, one])).values()].toReversed();
}

/** Makes the context the current one, and returns its cluster. */
function selectContext(config: KubeConfig, context: string | undefined): Cluster {
  const name = context ?? config.currentContext;
  const remedy = `choose one with --context (there are: ${config.contexts.map(one => one.name).join(', ') || 'none'})`;
  if (!name) throw new KubeConfigError(`the kubeconfig names no current context: ${remedy}`);
  const found = config.getContextObject(name);
  if (!found) throw new KubeConfigError(`the kubeconfig has no context "${name}": ${remedy}`);
  config.setCurrentContext(name);
  const cluster = config.getCurrentCluster();
  const missing = `context "${name}" of the kubeconfig names a`;
  if (!cluster)
    throw new KubeConfigError(`${missing} cluster that is not there, "${found.cluster}": add it, or ${remedy}`);
  const user = config.getCurrentUser();
  if (found.user && !user)
    throw new KubeConfigError(`${missing} user that is not there, "${found.user}": add it, or ${remedy}`);
  if (user?.exec) tellPlugin(user.exec);
  return cluster;
}

/** What a credential plugin may rely on, and client-node 2.0.1 does not tell it: which answer is expected, and that nobody can be asked. */
function tellPlugin(exec: ExecConfig): void {
  const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  exec.env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
}

function checkServer({ name, server, skipTLSVerify }: Cluster): void {
  const protocol = URL.parse(server)?.protocol;
  if (protocol === 'https:' || (protocol === 'http:' && skipTLSVerify)) return;
  const remedy = 'correct it (plain http needs insecure-skip-tls-verify: true)';
  throw new KubeConfigError(`the server of cluster "${name}" in the kubeconfig is no https address: ${remedy}`);
}

async function evaluate(config: KubeConfig, clock: Clock): Promise<Credentials> {
  const options: RequestOptions = {};
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(evaluateDeadlineMs, () =>
    reject(new Error(`no answer within ${evaluateDeadlineMs / 1_000} s`)),
  );
  try {
    await Promise.race([config.applyToHTTPSOptions(options), late]);
  } catch (error) {
    throw withoutCredentials(config.getCurrentUser(), error);
  } finally {
    cancel();
  }
  return { headers: headersOf(options), tls: tlsOf(options as TlsMaterial) };
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const all = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()]);
  return {
    ...(auth && { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }),
    ...Object.fromEntries(all),
  };
}

function tlsOf({ ca, cert, key, servername, rejectUnauthorized }: TlsMaterial): TlsMaterial {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

function exists(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}
