import { nameDatabase } from '../../src/places/name-database.ts';

const places = { source: 'postgres://u@one:5432/a', warehouse: 'postgres://u@two:5432/b', processed: '/lake' };
const fault = (fields: object = {}) => Object.assign(new Error('write CONNECTION_CLOSED'), fields);

test.each([
  ['the only database that is given', { warehouse: places.warehouse }, fault(), 'warehouse'],
  ['the database with the address of the error', places, fault({ address: 'two', port: 5432 }), 'warehouse'],
  [
    'the database with the address of a lost connection',
    places,
    fault({ address: ['two'], port: [5432] }),
    'warehouse',
  ],
  ['both if the error has no address', places, fault(), 'source or the warehouse'],
])('names %s', (_what, given, error, name) => {
  expect(nameDatabase(given, error)).toBe(name);
});
