import { readFile } from 'node:fs/promises';
import type { ProviderSpec } from './provider-spec.ts';

/** The value for `ProviderContext.config`. Throws an error of one line that names the file and the remedy, and never its text. */
export async function readProviderConfig(spec: ProviderSpec): Promise<unknown> {
  if (spec.config === undefined) return undefined;
  if (spec.config.kind === 'inline') return spec.config.value;
  const { path } = spec.config;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new Error(
      `--provider ${spec.name}: config file ${path} cannot be read (${code}): check the path and its permissions`,
    );
  });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`--provider ${spec.name}: config file ${path} is not valid JSON: correct it`);
  }
}
