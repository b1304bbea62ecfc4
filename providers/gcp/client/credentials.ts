import { parseFailure } from './gce-fault.ts';
import type { CallerHeaders } from './sending/wire.ts';

/**
 * `default`: as every program of Google Cloud finds them: GOOGLE_APPLICATION_CREDENTIALS (a key, or workload identity federation), gcloud's own, the
 * metadata server (Workload Identity of GKE). `token`: GOOGLE_OAUTH_ACCESS_TOKEN. `none`: for a test endpoint.
 */
export type Credentials = 'default' | 'token' | 'none';

/** As much of google-auth-library as is used here. */
export interface GoogleAuthConstructor {
  new (options: {
    scopes: string[];
    projectId?: string;
  }): {
    getClient(): Promise<{ getRequestHeaders(url?: string): Promise<Headers> }>;
    getProjectId(): Promise<string>;
  };
}

const scopes = ['https://www.googleapis.com/auth/compute'];

export interface Identity {
  readonly headers: CallerHeaders;
  /** The project that the credentials belong to. */
  projectId(): Promise<string>;
}

/**
 * Finds the credentials, and tries them once. The SDK, left to itself, would end the process with an unhandled rejection where there are none
 * (googleapis/google-cloud-node#9085).
 */
export async function findCredentials(
  source: Credentials,
  project: string | undefined,
  GoogleAuth: GoogleAuthConstructor,
): Promise<Identity> {
  if (source === 'none') return { headers: async () => new Headers(), projectId: noProject };
  if (source === 'token')
    return { headers: async () => new Headers({ authorization: `Bearer ${readToken()}` }), projectId: noProject };
  // Without it, the project of a federation would be looked up with another API, which need not be enabled.
  const auth = new GoogleAuth({ scopes, ...(project === undefined ? {} : { projectId: project }) });
  const client = await found(auth.getClient());
  await found(client.getRequestHeaders());
  return { headers: () => client.getRequestHeaders(), projectId: () => auth.getProjectId().catch(noProject) };
}

async function noProject(): Promise<string> {
  throw new Error('no Google Cloud project: name it in the provider’s config, {"project": "…"}');
}

/** Read anew for each request only where the environment is: a process keeps the one that it was started with. */
function readToken(): string {
  const token = process.env['GOOGLE_OAUTH_ACCESS_TOKEN'] ?? '';
  if (/^[!-~]{1,8192}$/.test(token)) return token;
  throw new Error('no Google Cloud access token: set GOOGLE_OAUTH_ACCESS_TOKEN, or leave credentials at "default"');
}

async function found<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    const why = parseFailure(error).message.slice(0, 200);
    throw new Error(
      `no Google Cloud credentials (${why}): bind the pod’s service account to one of Google Cloud (Workload Identity), or set GOOGLE_APPLICATION_CREDENTIALS to a key or a federation file`,
      { cause: error },
    );
  }
}
