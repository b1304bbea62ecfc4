import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAllYaml } from '@kubernetes/client-node';

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A manifest as it stands in YAML; only what the tests look at. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly PolicyRule[];
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly spec?: unknown;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every manifest under a folder of the repository, e.g. `deploy/rbac`; path → its only document. */
export function manifestsUnder(folder: string): ReadonlyMap<string, Manifest> {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.yaml'),
  );
  return new Map(files.toSorted().map(file => [join(folder, file), readManifest(join(folder, file))]));
}

export function readManifest(path: string): Manifest {
  // Of a kind that the library knows it would rename fields: `default` of a CRD would become `_default`.
  const text = readFileSync(join(root, path), 'utf8').replaceAll(/^kind: /gm, 'kind: As-written-');
  const documents = loadAllYaml(text) as readonly Manifest[];
  const [manifest] = documents;
  if (manifest === undefined || documents.length > 1) throw new Error(`${path}: one document a file`);
  return { ...manifest, kind: manifest.kind.replace('As-written-', '') };
}
