import base from './jest.config.mjs';

/** `make coverage`: the same suites, with what V8 measures in jest's own processes. */
export default {
  ...base,
  collectCoverage: true,
  coverageProvider: 'v8',
  coverageReporters: [],
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
  reporters: [
    'default',
    [
      'jest-monocart-coverage',
      { outputDir: 'build/coverage/jest', reports: [['raw', { outputDir: 'raw' }]], logging: 'error' },
    ],
  ],
};
