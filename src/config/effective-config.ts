import { flagOf } from './option.ts';
import { type Config, optionEntries, takes } from './options.ts';

/**
 * The configuration in force as the data of a ConfigMap: one entry an option of the controller, named like the flag without its
 * dashes. Free of secrets: a provider's inline configuration is not printed, files are named and not read.
 */
export function effectiveConfig(config: Config): Readonly<Record<string, string>> {
  const ours = optionEntries.filter(([, option]) => takes('controller', option));
  return Object.fromEntries(ours.map(([key, option]) => [flagOf(key).slice(2), option.print(config[key])]));
}
