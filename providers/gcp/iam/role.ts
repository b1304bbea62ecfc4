import { type Method, methods } from '../client/methods.ts';

/** Every permission that a method asks for, and what for: the least that fairlead needs. Sorted. Pure, of the table of methods. */
export function permissions(): ReadonlyMap<string, readonly string[]> {
  const purposes = new Map<string, Set<string>>();
  for (const [name, method] of rows()) {
    for (const permission of method.permissions) {
      const known = purposes.get(`compute.${permission}`) ?? new Set();
      purposes.set(`compute.${permission}`, known.add(`\`${name}\`: ${method.purpose}`));
    }
  }
  const sorted = [...purposes].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return new Map(sorted.map(([permission, found]) => [permission, [...found]]));
}

const note =
  '# Printed from providers/gcp/client/methods.ts by `node docs/print-reference.ts`: change that, not this file.';

/**
 * As the file that is shipped: a custom role of one project. With a shared VPC the host's project needs one too, of the permissions on networks,
 * subnetworks, firewalls and the operations that change those.
 */
export function roleText(): string {
  return `${note}
# gcloud iam roles create fairlead --project=PROJECT --file=deploy/iam/gcp-role.yaml
title: fairlead
description: What fairlead needs to give Services of type LoadBalancer their addresses
stage: GA
includedPermissions:
${[...permissions().keys()].map(permission => `  - ${permission}\n`).join('')}`;
}

/** A page for people who have to grant it: each permission, and what it is for. */
export function permissionsPage(): string {
  const lines = [...permissions()].map(([permission, purposes]) => `| \`${permission}\` | ${purposes.join('; ')} |`);
  return `# Permissions on Google Cloud

What the service account that fairlead runs as needs, and for which method of Compute Engine. [The same as a custom role](../../deploy/iam/gcp-role.yaml).
With a shared VPC those of \`firewalls\`, \`globalOperations\`, \`networks\` and \`subnetworks\` are needed in the host's project, the others in the project of the nodes.

| permission | for |
|---|---|
${lines.join('\n')}
`;
}

function rows(): readonly (readonly [string, Method])[] {
  return Object.entries(methods);
}
