import { nameDatabase } from '../../src/places/name-database.ts';

const places = { source: 'postgres://u@one:5432/a', warehouse: 'postgres://u@two:5432/b', processed: '/lake' };
const fault = (fields: object = {}) => Object.assign(new Error('write CONNECTION_CLOSED'), fields);

test.each([
  ['the one that is given', { warehouse: places.warehouse }, fault(), 'warehouse'],
  ['the one of its address', places, fault({ address: 'two', port: 5432 }), 'warehouse'],
  ['the one of the address that a lost connection had', places, fault({ address: ['two'], port: [5432] }), 'warehouse'],
  ['both, where nothing tells them apart', places, fault(), 'source or the warehouse'],
])('names %s', (_what, given, error, name) => {
  expect(nameDatabase(given, error)).toBe(name);
});
