const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kubectl'];

/**
 * A go.mod that builds Kubernetes' programs from outside its repository. Kubernetes' own go.mod requires its staging modules
 * at v0.0.0 and finds them by relative path; from outside, each is replaced by its published version. Pure.
 * @param {string} kubernetesGoMod
 * @param {string} version v1.34.4: the staging modules are v0.34.4
 */
export function goModText(kubernetesGoMod, version) {
  const go = /^go (\S+)$/m.exec(kubernetesGoMod)?.[1];
  const staging = [...kubernetesGoMod.matchAll(/^\s*(k8s\.io\/[\w.-]+) v0\.0\.0(?=\s|$)/gm)].map(match => match[1]);
  const stagingVersion = version.replace('v1.', 'v0.');
  return `module fairlead.dev/local-cluster

go ${go}

tool (
${programs.map(name => `\tk8s.io/kubernetes/cmd/${name}`).join('\n')}
)

require k8s.io/kubernetes ${version}

replace (
${staging.map(name => `\t${name} => ${name} ${stagingVersion}`).join('\n')}
)
`;
}
