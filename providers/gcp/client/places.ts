import { kinds, type SdkKind } from './kinds.ts';
import { globally, type RegionalKind, regional, zonal } from './links.ts';
import type { Kind } from './resources.ts';
import type { OperationPlace } from './sending/operations.ts';

export interface Place {
  readonly project: string;
  /** Of networks, subnetworks and firewall rules. */
  readonly networkProject: string;
  readonly region: string;
}

/** Where objects of each kind are: as a request names it, and as a path. Pure. */
export class Places {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Project, and region or zone. */
  scope(kind: Kind, zone?: string): object {
    const { scope }: SdkKind = kinds[kind];
    const project = this.#projectOf(kind);
    if (scope === 'region') return { project, region: this.#place.region };
    return scope === 'zone' ? { project, zone } : { project };
  }

  /** One object. */
  named(kind: Kind, name: string, zone?: string): object {
    return { ...this.scope(kind, zone), [kinds[kind].key]: name };
  }

  path(kind: Kind, name: string, zone = ''): string {
    const { scope }: SdkKind = kinds[kind];
    const project = this.#projectOf(kind);
    if (scope === 'zone') return zonal(project, zone, kind as 'instanceGroups', name);
    if (scope === 'region') return regional(project, this.#place.region, kind as RegionalKind, name);
    return globally(project, kind as 'firewalls', name);
  }

  /** Whom to ask about a change of such an object. */
  operation(kind: Kind, zone: string | undefined): OperationPlace {
    const { scope }: SdkKind = kinds[kind];
    const request = this.scope(kind, zone);
    if (scope === 'global') return { method: 'globalOperations.wait', request };
    return { method: scope === 'zone' ? 'zoneOperations.wait' : 'regionOperations.wait', request };
  }

  #projectOf(kind: Kind): string {
    const { inNetworkProject }: SdkKind = kinds[kind];
    return inNetworkProject === true ? this.#place.networkProject : this.#place.project;
  }
}
