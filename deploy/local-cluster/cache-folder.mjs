import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where this machine keeps what is fetched or built once: FAIRLEAD_CACHE, or `fairlead` in the user's cache folder.
 * @param {NodeJS.ProcessEnv} [env]
 */
export function cacheFolder(env = process.env) {
  return env.FAIRLEAD_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fairlead');
}
