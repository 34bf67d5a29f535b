import { memoryStore } from '../src/index.ts';
import { storeConformance } from './store-conformance.ts';

describe('a store in memory', () => {
  storeConformance(async () => memoryStore());
});
