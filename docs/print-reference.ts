// Writes docs/reference from the tables in src. Usage: node docs/print-reference.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { referencePages } from './reference-pages.ts';

const folder = new URL('reference/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(referencePages())) await writeFile(new URL(name, folder), text);
