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
