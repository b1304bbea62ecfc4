import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { permissions, roleText } from '../../../../providers/gcp/iam/role.ts';

test('the role that is shipped is what the table of methods prints: if not, run node docs/print-reference.ts', () => {
  expect(readFileSync(new URL('../../../../deploy/iam/gcp-role.yaml', import.meta.url), 'utf8')).toBe(roleText());
});

test('permissions are sorted, of Compute Engine only, and each has its purpose', () => {
  const all = [...permissions()];
  expect(all.map(([name]) => name)).toEqual(all.map(([name]) => name).toSorted());
  for (const [name, purposes] of all) {
    expect(name).toMatch(/^compute\.[a-z]\w+\.[a-z]\w+$/i);
    expect(purposes.length).toBeGreaterThan(0);
  }
});

test('nobody gets more than it is for: no machine is made, changed or deleted, and no network', () => {
  const dangerous = [...permissions().keys()].filter(name =>
    /^compute\.(?:instances|networks|subnetworks|disks)\./.test(name),
  );
  expect(dangerous).toEqual([
    'compute.instances.use',
    'compute.networks.updatePolicy',
    'compute.networks.use',
    'compute.subnetworks.list',
    'compute.subnetworks.use',
    'compute.subnetworks.useExternalIp',
  ]);
});
