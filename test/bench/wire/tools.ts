import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from '../../../deploy/local-cluster/debian-packages.mjs';
import { hasGo } from '../../../deploy/local-cluster/go-build.mjs';
import { removeAfterExit, spawnGuarded } from '../../../deploy/local-cluster/guarded-process.mjs';
import { whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { within } from '../deadline.ts';

/** Paths of the programs under `go/`. */
export interface WireTools {
  readonly prober: string;
  readonly responder: string;
}

const sources = fileURLToPath(new URL('go', import.meta.url));
/** The standard library alone: nothing is fetched, and no other version of Go. */
const goEnv = { GOWORK: 'off', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOPROXY: 'off' };

let built: Promise<WireTools> | undefined;

/** Why no row on a segment can be measured here; undefined where it can. */
export async function whyNoWire(): Promise<string | undefined> {
  const why = whyNoLab();
  if (why !== undefined) return why;
  return (await hasGo(process.env))
    ? undefined
    : 'the prober is built with Go, which is not there: install it (golang.org/dl)';
}

/** Built once in a run, into a folder that goes with this process. */
export function wireTools(): Promise<WireTools> {
  built ??= build();
  return built;
}

async function build(): Promise<WireTools> {
  await ensurePackages(['iproute2', 'procps', 'util-linux']);
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-wire-'));
  removeAfterExit(folder);
  const args = ['build', '-trimpath', '-o', `${folder}/`, './prober', './responder'];
  const child = spawnGuarded('go', args, { cwd: sources, env: { ...process.env, ...goEnv }, stdio: ['ignore', 2, 2] });
  const ended = new Promise<number | null>(resolve => {
    child.once('exit', resolve);
  });
  if ((await within(180_000, 'the build of the prober', ended)) !== 0)
    throw new Error('the prober could not be built: see the messages above');
  return { prober: join(folder, 'prober'), responder: join(folder, 'responder') };
}
