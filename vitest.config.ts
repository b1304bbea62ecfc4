import { defineConfig } from 'vitest/config';

// Only what stands under test/integration gets, and waits for, a real API server; test/e2e makes network namespaces, and runs as root.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/e2e/**'],
          // Above the default for slow CI machines, where two cores serve everything.
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/cluster-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          // A first run installs Debian packages.
          hookTimeout: 300_000,
        },
      },
    ],
    // etcd and kube-apiserver need a core for themselves.
    maxWorkers: '75%',
    coverage: {
      provider: 'v8',
      include: ['src/**', 'providers/**'],
      reporter: ['text-summary', 'html'],
    },
  },
});
