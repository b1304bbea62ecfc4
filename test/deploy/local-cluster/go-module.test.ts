import { expect, test } from 'vitest';
import { linkerFlags } from '../../../deploy/local-cluster/go-build.mjs';
import { goModText } from '../../../deploy/local-cluster/go-module.mjs';

const kubernetesGoMod = `module k8s.io/kubernetes

go 1.24.0

require (
	github.com/spf13/cobra v1.9.1
	k8s.io/api v0.0.0
	k8s.io/klog/v2 v2.130.1
	k8s.io/kubectl v0.0.0 // indirect
)

replace k8s.io/api => ./staging/src/k8s.io/api
`;

test('each staging module is replaced by its published version, and nothing else is', () => {
  const text = goModText(kubernetesGoMod, 'v1.34.4');
  expect(text).toContain('go 1.24.0\n');
  expect(text).toContain('require k8s.io/kubernetes v1.34.4\n');
  expect(text.match(/=> .*/g)).toEqual(['=> k8s.io/api v0.34.4', '=> k8s.io/kubectl v0.34.4']);
});

test('the linker is told the version that clients are shown', () => {
  const flags = linkerFlags('v1.34.4');
  expect(flags).toContain('version.gitVersion=v1.34.4');
  expect(flags).toContain('version.gitMajor=1 ');
  expect(flags).toMatch(/version\.gitMinor=34$/);
});
