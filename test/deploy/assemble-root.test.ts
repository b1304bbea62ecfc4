import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../deploy/assemble-root.sh', import.meta.url));
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fairlead-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

const image = join(folder, 'root');
const dist = join(folder, 'dist');
mkdirSync(join(dist, 'chunks'), { recursive: true });
writeFileSync(
  join(dist, 'fairlead.js'),
  "import { answer } from './chunks/a.js';\nconsole.log(answer, process.getuid());\n",
);
writeFileSync(join(dist, 'chunks/a.js'), 'export const answer = 42;\n');
execFileSync('sh', [script, dist, modules, image]);

test('the image holds Node, its libraries and the bundle, and no other program', () => {
  expect(readdirSync(join(image, 'app'))).toEqual(['chunks', 'fairlead.js', 'node_modules', 'package.json']);
  expect(readdirSync(join(image, 'usr/local/bin'))).toEqual(['node']);
});

/** The image's own loader and libraries, as they would be found if its folder were the root: that takes no rights. */
const files = readdirSync(image, { recursive: true, encoding: 'utf8' }).map(file => join(image, file));
const loader = files.find(file => /\/ld-[^/]*\.so\.\d+$/.test(file)) ?? 'no loader';
const folders = [...new Set(files.filter(file => /\.so(?:\.\d+)*$/.test(file)).map(file => dirname(file)))];
const load = (...args: readonly string[]) =>
  execFileSync(loader, ['--inhibit-cache', '--library-path', folders.join(':'), ...args], { encoding: 'utf8' });

test('every library that Node is linked with is in it', () => {
  const paths = [...load('--list', join(image, 'usr/local/bin/node')).matchAll(/=> (\S+)/g)].map(([, path]) => path);
  expect(paths.length).toBeGreaterThan(3);
  expect(paths.filter(path => path?.startsWith(image) !== true)).toEqual([]);
});

test('Node starts with them and runs the bundle', () => {
  expect(load(join(image, 'usr/local/bin/node'), join(image, 'app/fairlead.js'))).toBe(`42 ${process.getuid?.()}\n`);
});

test('koffi, which speakers need, loads with them too', () => {
  writeFileSync(join(image, 'app/koffi.mjs'), "import koffi from 'koffi';\nconsole.log(typeof koffi.load);\n");
  expect(load(join(image, 'usr/local/bin/node'), join(image, 'app/koffi.mjs'))).toBe('function\n');
});
