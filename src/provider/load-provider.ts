import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { faultOf } from './fault-of.ts';
import type { CreateProvider, Provider, ProviderContext } from './provider.ts';

export interface LoadProviderOptions {
  /** Built-in name → its module, imported only when chosen. */
  readonly builtIn: Readonly<Record<string, () => Promise<unknown>>>;
  /** The folder from which relative paths and npm packages are resolved. */
  readonly searchFrom: string;
}

/**
 * Finds the module that an operator has named, imports it, and returns its `createProvider`, wrapped so that what it creates is checked.
 *
 * | specifier                                      | is                                                                  |
 * |------------------------------------------------|---------------------------------------------------------------------|
 * | `in-memory`                                    | a built-in name, where the table has it; these go first             |
 * | `./mine.js`, `../mine.ts`, `/etc/x.js`, `file:///etc/x.js` | a file                                                  |
 * | `fairlead-acme`, `@acme/lb/fairlead`           | an npm package, its ESM `exports` honoured                          |
 *
 * Throws errors of one line: not found (and where it was looked for), fails to load, exports no `createProvider`. The returned function
 * rejects with such an error where the provider refuses its configuration, speaks another contract version, or lacks a member.
 */
export async function loadProvider(specifier: string, options: LoadProviderOptions): Promise<CreateProvider> {
  const module = await importModule(specifier, options);
  const create = (module as Record<string, unknown>)['createProvider'];
  if (typeof create !== 'function') {
    throw new Error(
      `provider module ${specifier} exports no function createProvider: export one, as providers/README.md shows`,
    );
  }
  return context => createChecked(specifier, create as CreateProvider, context);
}

async function createChecked(specifier: string, create: CreateProvider, context: ProviderContext): Promise<Provider> {
  let provider: unknown;
  try {
    provider = await create(context);
  } catch (error) {
    throw new Error(`provider ${context.instance} (${specifier}) cannot start: ${firstLine(error)}`, { cause: error });
  }
  const fault = faultOf(provider);
  if (fault !== undefined) throw new Error(`provider ${context.instance} (${specifier}) ${fault}`);
  return provider as Provider;
}

async function importModule(specifier: string, options: LoadProviderOptions): Promise<unknown> {
  // An own property only: the specifier is the operator's text, and `constructor` is no provider.
  const builtIn = Object.hasOwn(options.builtIn, specifier) ? options.builtIn[specifier] : undefined;
  const importIt = builtIn ?? (await importerFor(specifier, options));
  try {
    return await importIt();
  } catch (error) {
    throw new Error(`provider module ${specifier} cannot be loaded: ${firstLine(error)}`, { cause: error });
  }
}

async function importerFor(specifier: string, options: LoadProviderOptions): Promise<() => Promise<unknown>> {
  const url = isFile(specifier) ? await findFile(specifier, options) : findPackage(specifier, options);
  return () => import(url);
}

function isFile(specifier: string): boolean {
  return /^(\.{0,2}\/|file:)/.test(specifier);
}

async function findFile(specifier: string, options: LoadProviderOptions): Promise<string> {
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(options.searchFrom, specifier);
  if (await isPlainFile(path)) return pathToFileURL(path).href;
  throw new Error(`provider module ${specifier} not found: there is no file ${path}; correct the path`);
}

function findPackage(specifier: string, options: LoadProviderOptions): string {
  const folder = resolve(options.searchFrom);
  try {
    return pathToFileURL(resolveFrom(folder, specifier)).href;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') {
      throw new Error(`provider module ${specifier} cannot be loaded: ${firstLine(error)}`, { cause: error });
    }
  }
  const builtIn = Object.keys(options.builtIn).join(', ');
  throw new Error(
    `provider module ${specifier} not found: neither a built-in (${builtIn}) nor a package in ${join(folder, 'node_modules')} or above it; ` +
      'install it there, point --provider-path at the folder that has it, or give a path that begins with ./ or /',
  );
}

/**
 * `import.meta.resolve` looks from this file only, and `require.resolve` reads the conditions of CommonJS, under which many ES modules
 * have no entry. `conditions` makes it read those of `import`; Node has it since 22.15 and documents it nowhere, so a test holds it.
 */
function resolveFrom(folder: string, specifier: string): string {
  const options: { paths?: string[]; conditions: ReadonlySet<string> } = {
    conditions: new Set(['node', 'import', 'module-sync']),
  };
  return createRequire(join(folder, 'index.js')).resolve(specifier, options);
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}

async function isPlainFile(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isFile(),
    () => false,
  );
}
