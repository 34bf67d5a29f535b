import { Requests } from '../../src/requests/requests.ts';

test('a request that a version does not understand keeps how far it has been read', () => {
  const open = { id: '0000000007', done: { sales_order: 500_000 } };
  const requests = new Requests({ through: 7, named: [], open: [open] });
  requests.leave(open, 'is nothing that this version understands');
  expect(requests.answers().state).toEqual({ through: 7, named: [], open: [open] });
});
