import { memoryStore } from '../../src/index.ts';
import { sweepableMemory } from '../../src/stores/sweepable/sweepable-memory.ts';
import { storeConformance } from './store-conformance.ts';
import { sweepableConformance } from './sweepable-conformance.ts';

describe('a store in memory', () => {
  storeConformance(async () => memoryStore());
});

describe('a place in memory that can be swept', () => {
  sweepableConformance(async () => sweepableMemory());
});
