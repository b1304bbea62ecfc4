import type { ProviderSpec } from './provider-spec.ts';

/** The built-in provider that `--pool` and `--metallb-namespace` are for. */
export const bareMetal = 'bare-metal';

interface BareMetalOptions {
  readonly pool: readonly string[];
  readonly metallbNamespace: string;
}

/** Pools without any provider can only mean one thing. Pure. */
export function impliedProviders(provider: readonly ProviderSpec[], pool: readonly string[]): readonly ProviderSpec[] {
  return provider.length > 0 || pool.length === 0
    ? provider
    : [{ name: bareMetal, module: bareMetal, classes: [], isDefault: true }];
}

/** Pure. */
export function checkPools({
  provider,
  pool,
}: BareMetalOptions & { readonly provider: readonly ProviderSpec[] }): readonly string[] {
  if (pool.length === 0) return [];
  const instances = provider.filter(({ module }) => module === bareMetal).map(({ name }) => name);
  if (instances.length === 1) return [];
  if (instances.length === 0)
    return [
      '--pool: no instance is of the provider bare-metal: add --provider=main=bare-metal, or leave --provider out',
    ];
  return [
    `--pool: ${instances.join(' and ')} are both of the provider bare-metal: write pools into their config instead`,
  ];
}

/**
 * The instance's config with what the two options add. Pure. What is no object, or has pools that are no list, is left for the provider
 * to refuse.
 */
export function withBareMetalOptions({ module }: ProviderSpec, value: unknown, options: BareMetalOptions): unknown {
  if (module !== bareMetal || typeof (value ?? {}) !== 'object' || Array.isArray(value)) return value;
  const given = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { pools = [], metallbNamespace = options.metallbNamespace } = given;
  return {
    ...given,
    pools: Array.isArray(pools) ? [...(pools as readonly unknown[]), ...options.pool] : pools,
    metallbNamespace,
  };
}
