import { defineConfig } from 'vitest/config';

// Two projects: only what stands under test/integration gets, and waits for, a real API server.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**'],
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
