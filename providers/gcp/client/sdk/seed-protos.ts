import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { usedRpcs } from '../kinds.ts';
import { type MethodName, methods } from '../methods.ts';
import { type ProtoNode, trimProtos } from './trim-protos.ts';

const schema = '@google-cloud/compute/build/protos/protos.json';

/**
 * Lets every client of the SDK find the trimmed schema where it asks for the whole: with that, each of them would cost 100 ms and all of them
 * 150 MB. A bundle holds the trimmed one already, and this file as a stub (`build.mjs`).
 */
export function seedProtos(): void {
  const require = createRequire(import.meta.url);
  const path = require.resolve(schema);
  if (require.cache[path] !== undefined) return;
  const { Module } = require('node:module') as { Module: new (id: string) => NodeJS.Module };
  const module = new Module(path);
  Object.assign(module, { filename: path, loaded: true, exports: slimProtos(path) });
  require.cache[path] = module;
}

/** Kept beside the packages, as other tools do: reading the whole takes a quarter of a second. */
function slimProtos(path: string): ProtoNode {
  const used = usedRpcs(Object.keys(methods) as MethodName[]);
  const wanted = JSON.stringify(used);
  const packages = path.slice(0, path.lastIndexOf('/@google-cloud/'));
  const file = join(packages, '.cache', 'fairlead', 'compute-protos.json');
  const cached = readCached(file);
  const { version } = JSON.parse(readFileSync(join(packages, '@google-cloud/compute/package.json'), 'utf8')) as {
    version: string;
  };
  if (cached?.version === version && cached.wanted === wanted) return cached.protos;
  const protos = trimProtos(JSON.parse(readFileSync(path, 'utf8')) as ProtoNode, used);
  keep(file, JSON.stringify({ version, wanted, protos } satisfies Cached));
  return protos;
}

interface Cached {
  readonly version: string;
  readonly wanted: string;
  readonly protos: ProtoNode;
}

function readCached(file: string): Cached | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Cached;
  } catch {
    return undefined;
  }
}

/** Several processes may do it at once, and a folder may be read-only: it is a cache. */
function keep(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Next time again.
  }
}
