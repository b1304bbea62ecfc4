export interface ClusterOptions {
  /** Who may log in beside `admin`, who is in system:masters: give them rights by RBAC objects. */
  readonly users?: readonly { readonly name: string; readonly groups?: readonly string[] }[];
  /** Adds or overrides a flag of kube-apiserver; null takes it away. */
  readonly apiServerFlags?: Readonly<Record<string, string | null>>;
  /** Default 30000-32767, which is 2768 node ports. */
  readonly serviceNodePortRange?: string;
  /** Where the API server listens; default 127.0.0.1. A bridge's address makes it reachable from network namespaces. */
  readonly bindAddress?: string;
  /** The name of a network namespace in which both run; `bindAddress` is then one of its addresses. Default: the one of this process. */
  readonly namespace?: string;
  /** A folder of its own, removed by `stop()`; default: a new temporary one. */
  readonly dir?: string;
  /** The folder with etcd and kube-apiserver; default: what `ensureBinaries()` finds. */
  readonly assets?: string;
}

export interface LocalCluster {
  readonly url: string;
  readonly caPem: string;
  /** Path of admin's kubeconfig. */
  readonly kubeconfig: string;
  readonly adminToken: string;
  /** Also holds etcd.log and kube-apiserver.log. */
  readonly dir: string;
  readonly assets: string;
  /** `pid` is undefined while it is stopped. */
  readonly apiServer: { readonly pid: number | undefined };
  readonly etcd: { readonly pid: number | undefined };
  /** Writes the kubeconfig of a user named in the options, and returns its path. */
  kubeconfigFor(userName: string): string;
  /** SIGTERM unless told otherwise; SIGKILL 5 s later. */
  stopApiServer(signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when it is ready; port, certificate and data are those of before. */
  startApiServer(): Promise<void>;
  /** The flags stay in force for later starts. */
  restartApiServer(options?: { readonly flags?: Readonly<Record<string, string | null>> }): Promise<void>;
  /** Connections stay open and nothing answers, as behind a broken network. */
  freezeApiServer(): void;
  thawApiServer(): void;
  /** Stops both and removes the folder. */
  stop(): Promise<void>;
}

/** Resolves when the API server is ready and the namespaces `default` and `kube-system` exist. */
export function startCluster(options?: ClusterOptions): Promise<LocalCluster>;
