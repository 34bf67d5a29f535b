import { KeySetBuilder } from '../../src/keys/key-set.ts';

test('a key set merges what is added in shuffled order without keeping it all loose', () => {
  // 7 and the size share no divisor, so this visits each key once, far apart. A builder keeps a million ranges loose.
  const size = 1_100_000;
  const builder = new KeySetBuilder();
  for (let i = 0; i < size; i++) builder.add((i * 7) % size);
  expect([...builder.build().ranges()]).toEqual([[0, size - 1]]);
});
