import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { usedRpcs } from './providers/gcp/client/kinds.ts';
import { methods } from './providers/gcp/client/methods.ts';
import { trimProtos } from './providers/gcp/client/sdk/trim-protos.ts';

/**
 * The models that client-node's configuration drags along are never used. It does not declare that leaving them out changes nothing; for
 * its generated modules that is so, and it saves 0.4 MB of bundle.
 * @type {import('esbuild').Plugin}
 */
export const unusedModels = {
  name: 'unused-models',
  setup(plugin) {
    plugin.onResolve({ filter: /./ }, async ({ path, pluginData, ...args }) => {
      if (pluginData === 'resolved' || !args.importer.includes('@kubernetes/client-node/dist')) return undefined;
      const found = await plugin.resolve(path, { ...args, pluginData: 'resolved' });
      return found.path.includes('@kubernetes/client-node/dist') ? { ...found, sideEffects: false } : found;
    });
  },
};

/**
 * Imported as an ES module, a builtin of Node is asked for everything that it exports, and so loads what it would load only when it is
 * used: node:http all of Node's own undici, which is 13 MB and a quarter of a start. `require` asks for nothing.
 * @type {import('esbuild').Plugin}
 */
export const requiredBuiltins = {
  name: 'required-builtins',
  setup(plugin) {
    plugin.onResolve({ filter: /^(?:node:)?(?:http|util)$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    );
    plugin.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * A service of the AWS SDK is one file of CommonJS, 1.7 MB for EC2, of which a bundler must keep everything. As ES modules it keeps what is used,
 * once it sees that a description of a shape, `{ [_xN]: … }` with a constant text as key, does nothing. It makes the SDK 2.6 MB → 0.65 MB, its load
 * 240 ms → 60 ms, and its memory 98 MB → 19 MB.
 * @type {import('esbuild').Plugin}
 */
export const awsSdk = {
  name: 'aws-sdk',
  setup(plugin) {
    plugin.onResolve({ filter: /^@(?:aws-sdk|smithy)\// }, async ({ path, pluginData, ...args }) => {
      if (pluginData === 'resolved') return undefined;
      const found = await plugin.resolve(path, { ...args, pluginData: 'resolved' });
      return { ...found, path: found.path.replace('/dist-cjs/', '/dist-es/') };
    });
    plugin.onLoad({ filter: /\/@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const texts = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
      );
      const contents = source.replaceAll(/\[(_\w+)\]:/g, (key, name) =>
        texts.has(name) ? `${texts.get(name)}:` : key,
      );
      return { contents };
    });
  },
};

/**
 * Google's SDK reads a schema of 12 MB for each of its clients, and brings gRPC with what it never uses over HTTP. With the schema of the methods
 * that are used, and without gRPC and the schemas of three other services, it is 1.3 MB.
 * @type {import('esbuild').Plugin}
 */
export const googleSdk = {
  name: 'google-sdk',
  setup(plugin) {
    plugin.onLoad({ filter: /@google-cloud\/compute\/build\/protos\/protos\.json$/ }, ({ path }) => {
      const used = usedRpcs(/** @type {(keyof typeof methods)[]} */ (Object.keys(methods)));
      return { contents: JSON.stringify(trimProtos(JSON.parse(readFileSync(path, 'utf8')), used)), loader: 'json' };
    });
    plugin.onLoad({ filter: /\/gcp\/client\/sdk\/seed-protos\.ts$/ }, () => ({
      contents: 'export function seedProtos() {}',
      loader: 'ts',
    }));
    plugin.onLoad({ filter: /\/google-gax\/build\/src\/index\.js$/ }, ({ path }) => {
      const contents = `exports.fallback = require('./fallback');
        exports.decodeAnyProtosInArray = require('./util').decodeAnyProtosInArray;
        exports.loggingUtils = require('google-logging-utils');
        exports.GoogleAuth = require('google-auth-library').GoogleAuth;`;
      return { contents, resolveDir: dirname(path), loader: 'js' };
    });
    const unused = /\/google-gax\/build\/protos\/(?:iam_service|locations|(?:compute_)?operations)\.js(?:on)?$/;
    plugin.onLoad({ filter: unused }, ({ path }) =>
      path.endsWith('json') ? { contents: '{}', loader: 'json' } : { contents: '', loader: 'js' },
    );
  },
};
