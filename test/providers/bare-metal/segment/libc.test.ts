import { arch, constants, platform } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { errnoOf, isInterfaceGone, loadLibc } from '../../../../providers/bare-metal/segment/libc.ts';

vi.mock('node:os', async original => {
  const os = await original<typeof import('node:os')>();
  return { ...os, platform: vi.fn<typeof os.platform>(() => 'linux'), arch: vi.fn<typeof os.arch>(() => 'x64') };
});
vi.mock('koffi', () => {
  throw new Error('Cannot find package');
});

afterEach(() => {
  vi.mocked(platform).mockReturnValue('linux');
  vi.mocked(arch).mockReturnValue('x64');
});

test('without koffi the error says how to get it', async () => {
  await expect(loadLibc()).rejects.toThrow(
    'announcing needs the package koffi, which is not installed: npm install koffi@3.3.4',
  );
});

test('elsewhere than on Linux the error says so', async () => {
  vi.mocked(platform).mockReturnValue('darwin');
  await expect(loadLibc()).rejects.toThrow(
    'announcing needs Linux, and this is darwin: run the speaker on Linux nodes',
  );
});

test('on a processor whose structures are others the error says so', async () => {
  vi.mocked(arch).mockReturnValue('s390x');
  await expect(loadLibc()).rejects.toThrow('announcing knows x64 and arm64, and this is s390x');
});

test('errors have their names', () => {
  expect(errnoOf(-constants.errno.EAGAIN)).toBe('EAGAIN');
  expect(errnoOf(-constants.errno.ENODEV)).toBe('ENODEV');
  expect(errnoOf(-9999)).toBe('E?9999');
});

test('an interface that is down comes back for the same socket; one that has gone does not', () => {
  expect((['ENETDOWN', 'ENXIO', 'ENODEV', 'ENOBUFS'] as const).map(isInterfaceGone)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
