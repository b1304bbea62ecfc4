import type { ProviderClock } from '../../../src/provider/provider.ts';
import type { GceApi } from './gce-api.ts';

export interface GceOptions {
  readonly clock: ProviderClock;
  readonly project: string;
  readonly networkProject?: string;
  readonly region: string;
  /** Only for tests and private endpoints: `http://127.0.0.1:8080`, `https://compute.example.com`. */
  readonly endpoint?: string;
  /** Where credentials come from. Default: `none` with an http endpoint, otherwise `default`. */
  readonly credentials?: Credentials;
}

/**
 * `default`: as every program of Google Cloud finds them: GOOGLE_APPLICATION_CREDENTIALS (a key, or workload identity federation), the
 * metadata server (workload identity of GKE), gcloud. `token`: GOOGLE_OAUTH_ACCESS_TOKEN. `none`: for a test endpoint.
 */
export type Credentials = 'default' | 'token' | 'none';

/** Loads the SDK. Throws an error of one line where there are no credentials. */
export async function connectGce(_options: GceOptions): Promise<GceApi> {
  throw new Error('not yet');
}
