// Writes docs/reference from the tables in src, the policy and the role that the cloud providers need from their own, and the tables of their pages.
// Usage: node docs/print-reference.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { iamPolicyText } from '../providers/aws/iam/policy.ts';
import { roleText } from '../providers/gcp/iam/role.ts';
import { pagesWithSections } from './printed-sections.ts';
import { referencePages } from './reference-pages.ts';

const folder = new URL('reference/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(referencePages())) await writeFile(new URL(name, folder), text);
await mkdir(new URL('../deploy/iam/', import.meta.url), { recursive: true });
await writeFile(new URL('../deploy/iam/gcp-role.yaml', import.meta.url), roleText());
await writeFile(new URL('../deploy/iam/aws-policy.json', import.meta.url), iamPolicyText());
for (const [path, text] of Object.entries(pagesWithSections()))
  await writeFile(new URL(`../${path}`, import.meta.url), text);
