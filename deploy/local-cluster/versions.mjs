import { UserError } from './errors.mjs';

/** The newest patch of each minor that we test against. The last one is the default. */
const newestPatches = ['v1.33.13', 'v1.34.4', 'v1.35.4', 'v1.36.3'];

export const defaultVersion = 'v1.36.3';

/**
 * `exact`: this patch was asked for, and no other will do.
 * @typedef {{ version: string, exact: boolean }} Wanted
 */

/**
 * Reads K8S_VERSION. Pure.
 *
 * | K8S_VERSION         | →                       |
 * |---------------------|-------------------------|
 * | unset               | v1.36.3, or a like one  |
 * | `1.34`, `v1.34`     | v1.34.4, or a like one  |
 * | `1.34.2`, `v1.34.2` | v1.34.2, exactly        |
 * | `1.20`, `latest`    | UserError               |
 * @param {string | undefined} text
 * @returns {Wanted}
 */
export function parseVersion(text) {
  if (text === undefined || text === '') return { version: defaultVersion, exact: false };
  const match = /^v?(1\.\d+)(\.\d+)?$/.exec(text);
  const newest = newestPatches.find(version => minorOf(version) === match?.[1]);
  if (match === null || newest === undefined) {
    const minors = newestPatches.map(minorOf).join(', ');
    throw new UserError(`K8S_VERSION=${text}: give one of ${minors}, or a patch of one of them, such as v1.34.4.`);
  }
  return match[2] === undefined
    ? { version: newest, exact: false }
    : { version: `v${match[1]}${match[2]}`, exact: true };
}

/**
 * Of some versions the wanted one, else the newest patch of its minor where any patch will do. Pure.
 * @param {readonly string[]} versions
 * @param {Wanted} wanted
 */
export function chooseVersion(versions, { version, exact }) {
  if (versions.includes(version) || exact) return versions.find(each => each === version);
  const alike = versions.filter(each => /^v1\.\d+\.\d+$/.test(each) && minorOf(each) === minorOf(version));
  const newest = Math.max(...alike.map(patchOf));
  return alike.find(each => patchOf(each) === newest);
}

/** @param {string} version */
export function minorOf(version) {
  return version.replace(/^v/, '').split('.').slice(0, 2).join('.');
}

/** @param {string} version */
function patchOf(version) {
  return Number(version.split('.')[2]);
}
