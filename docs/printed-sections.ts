import { readFileSync } from 'node:fs';
import {
  annotationPrefix,
  annotationTable,
  unsupportedAnnotations,
} from '../providers/aws/annotations/annotation-table.ts';
import { actions } from '../providers/aws/client/actions.ts';
import { configTable } from '../providers/aws/config-table.ts';
import * as gcp from '../providers/gcp/annotations/annotation-table.ts';
import { configTable as gcpConfigTable } from '../providers/gcp/config-table.ts';
import { alignedTable, code } from './markdown.ts';

/** Parts of pages that people write, printed from tables: between `<!-- printed: name -->` and `<!-- end -->`. */
type Sections = Readonly<Record<string, string>>;

function sectionsOfPages(): Readonly<Record<string, Sections>> {
  return {
    'providers/aws/README.md': {
      annotations: annotationsSection(),
      unsupported: unsupportedSection(),
      config: configSection(configTable),
      permissions: permissionsSection(),
    },
    'providers/gcp/README.md': {
      annotations: alignedTable(['annotation', 'value', 'otherwise', 'meaning'], gcp.annotationRows()),
      unsupported: alignedTable(
        ['annotation', 'why, and what to do'],
        Object.entries(gcp.unsupportedAnnotations).map(([key, reason]) => [code(key), reason]),
      ),
      config: configSection(gcpConfigTable),
    },
  };
}

/** Path from the root of the repository → the page's text as it should be. Throws where a place has gone, or has no name that is printed. */
export function pagesWithSections(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(sectionsOfPages()).map(([path, printed]) => {
      const text = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
      return [path, withSections(path, text, printed)];
    }),
  );
}

function withSections(path: string, text: string, printed: Sections): string {
  const left = new Set(Object.keys(printed));
  const filled = text.replaceAll(/<!-- printed: ([a-z]+) -->\n[\s\S]*?<!-- end -->/g, (_whole, name: string) => {
    const section = printed[name];
    if (!left.delete(name) || section === undefined)
      throw new Error(`${path}: nothing prints "${name}" there, or twice`);
    return `<!-- printed: ${name} -->\n\n${section}\n\n<!-- end -->`;
  });
  if (left.size > 0) throw new Error(`${path} has no place for ${[...left].join(', ')}`);
  return filled;
}

function annotationsSection(): string {
  const rows = Object.values(annotationTable).map(row => [
    code(row.suffix) + ('perPort' in row ? `, ${code(`${row.suffix}.<port>`)}` : ''),
    row.syntax.shape,
    row.otherwise,
    [
      row.help,
      ...(row.change === 'fixed' ? ['Fixed at creation.'] : []),
      ...('restricted' in row ? ['**Needs a release.**'] : []),
    ].join(' '),
  ]);
  return alignedTable([`annotation, after ${code(annotationPrefix)}`, 'value', 'otherwise', 'meaning'], rows);
}

function unsupportedSection(): string {
  const rows = Object.entries(unsupportedAnnotations).map(([suffix, reason]) => [
    code(suffix.endsWith('.') ? `${suffix}…` : suffix),
    reason,
  ]);
  return alignedTable(['annotation', 'why, and what to do'], rows);
}

interface ConfigRow {
  readonly shape: string;
  readonly otherwise: string;
  readonly help: string;
}

function configSection(table: Readonly<Record<string, ConfigRow>>): string {
  const rows = Object.entries(table).map(([key, row]) => [code(key), row.shape, row.otherwise, row.help]);
  return alignedTable(['key', 'value', 'otherwise', 'meaning'], rows);
}

function permissionsSection(): string {
  const rows = Object.entries(actions).map(([name, { service, scope, purpose }]) => [
    code(`${service}:${name}`),
    purpose,
    scopes[scope],
  ]);
  return alignedTable(['action', 'for', 'on'], rows);
}

const scopes: Readonly<Record<(typeof actions)[keyof typeof actions]['scope'], string>> = {
  any: 'everything',
  created: 'what it tags with the cluster in the same request',
  'created-in-owned': 'what it tags so, under what has that tag',
  owned: 'what has the cluster’s tag',
  'tags-of-owned': 'what has the cluster’s tag, except that tag itself',
  'owned-or-node-group': 'what has the cluster’s tag, and the security group of the nodes',
};
