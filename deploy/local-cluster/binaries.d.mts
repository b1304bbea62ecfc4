export interface Binaries {
  /** The folder with etcd and kube-apiserver: what KUBEBUILDER_ASSETS is set to. */
  readonly dir: string;
  /** The path of each binary asked for; kubectl may stand elsewhere than the others. */
  readonly paths: Readonly<Record<string, string>>;
}

/**
 * Finds the binaries on this machine, or brings them: KUBEBUILDER_ASSETS, our cache, the published archive, a Go build.
 * Names: etcd and kube-apiserver (the default), kubectl, kube-controller-manager, kube-proxy.
 */
export function ensureBinaries(names?: readonly string[], env?: NodeJS.ProcessEnv): Promise<Binaries>;
