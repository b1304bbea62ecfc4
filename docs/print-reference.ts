// Writes docs/reference from the tables in src and providers, and the role that the Google Cloud provider needs. Usage: node docs/print-reference.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { roleText } from '../providers/gcp/iam/role.ts';
import { referencePages } from './reference-pages.ts';

const folder = new URL('reference/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(referencePages())) await writeFile(new URL(name, folder), text);
await mkdir(new URL('../deploy/iam/', import.meta.url), { recursive: true });
await writeFile(new URL('../deploy/iam/gcp-role.yaml', import.meta.url), roleText());
