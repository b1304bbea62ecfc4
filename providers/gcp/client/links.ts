/** Paths of objects, `projects/p/regions/r/addresses/a`: what the API's URLs end with, and what this provider compares. Pure. */

import type { Kind } from './resources.ts';

export type RegionalKind = Exclude<Kind, 'instanceGroups' | 'firewalls' | 'regions'>;

export const regional = (project: string, region: string, kind: RegionalKind, name: string): string =>
  `projects/${project}/regions/${region}/${kind}/${name}`;

export const zonal = (project: string, zone: string, kind: 'instanceGroups' | 'instances', name: string): string =>
  `projects/${project}/zones/${zone}/${kind}/${name}`;

export const globally = (project: string, kind: 'firewalls' | 'networks', name: string): string =>
  `projects/${project}/global/${kind}/${name}`;

/** The last part: a name, a zone, a region. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The zone that a zonal path lies in. */
export const zoneOf = (path: string): string | undefined => /\/zones\/([^/]+)\//.exec(path)?.[1];

const urls = /^https:\/\/[^/]+\/compute\/[^/]+\/(?=projects\/)/;

/** `https://www.googleapis.com/compute/v1/projects/…` → `projects/…`; anything else as it is. */
export const pathOf = (link: string): string => link.replace(urls, '');

/** The other way: groups of backends are refused as paths. */
export const urlOf = (path: string): string =>
  /^projects\/[^/]+\/(?:global|regions|zones)\//.test(path) ? `https://www.googleapis.com/compute/v1/${path}` : path;
