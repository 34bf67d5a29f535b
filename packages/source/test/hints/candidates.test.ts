import { totesysModel } from '@totesys/schema';
import { CandidatesBuilder, formatLsn, parseLsn } from '../../src/index.ts';

// Messages of pgoutput: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
const int = (bytes: number, value: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
};
const text = (value: string) => Buffer.from(`${value}\0`);
const begin = (xid: number, commit = 0x10) =>
  Buffer.concat([Buffer.from('B'), Buffer.alloc(4), int(4, commit), Buffer.alloc(8), int(4, xid | 0)]);
const commit = Buffer.concat([Buffer.from('C'), Buffer.alloc(1 + 8 + 8 + 8)]);
const relation = (name: string, schema = 'public') =>
  Buffer.concat([
    Buffer.from('R'),
    int(4, 1),
    text(schema),
    text(name),
    Buffer.from('d'),
    int(2, 1),
    int(1, 1),
    text(`${name}_id`),
    int(4, 23),
    int(4, -1),
  ]);
const tuple = (value: string) => Buffer.concat([int(2, 1), Buffer.from('t'), int(4, value.length), Buffer.from(value)]);
const insert = (value: string) => Buffer.concat([Buffer.from('I'), int(4, 1), Buffer.from('N'), tuple(value)]);

async function collect(messages: readonly Buffer[], sees: (xid: number) => boolean = () => true) {
  const builder = await CandidatesBuilder.begin(totesysModel, sees);
  for (const message of messages) builder.push(message);
  return builder.build();
}

test('an id above 2³¹ is passed unsigned', async () => {
  const seen: number[] = [];
  await collect([begin(4_294_967_290), commit], (xid) => seen.push(xid) > 0);
  expect(seen).toEqual([4_294_967_290]);
});

test('a table of another schema has no candidates', async () => {
  const { keys } = await collect([begin(1), relation('design', 'other'), insert('1'), commit]);
  expect(keys.size).toBe(0);
});

test('the first unseen transaction bounds the position, whatever follows', async () => {
  const messages = [
    begin(5, 0x20),
    commit,
    begin(6, 0x30),
    relation('design'),
    insert('1'),
    commit,
    begin(7, 0x40),
    commit,
  ];
  const { firstUnseen, keys } = await collect(messages, (xid) => xid === 5);
  expect({ firstUnseen, tables: keys.size }).toEqual({ firstUnseen: 0x30n, tables: 0 });
});

test.each<[string, Buffer[]]>([
  ['an unknown message', [Buffer.from('?')]],
  ['a message that is cut off', [begin(1), relation('design'), insert('12').subarray(0, 8)]],
  ['a row of a relation that is not described', [begin(1), insert('1')]],
  ['a change outside of a transaction', [relation('design'), insert('1')]],
  ['a transaction inside another one', [begin(1), begin(2)]],
  ['an end without a begin', [commit]],
  ['a transaction without an end', [begin(1)]],
  ['a transaction without a commit position', [begin(1, 0), commit]],
  ['a key that is no integer', [begin(1), relation('design'), insert('x'), commit]],
])('%s is refused', async (_name, messages) => {
  await expect(collect(messages)).rejects.toMatchObject({ reason: 'undecodable' });
});

test.each([
  ['0/0', 0n],
  ['16/B374D848', 0x16b374d848n],
  ['FFFFFFFF/FFFFFFFF', 2n ** 64n - 1n],
])('the position %s is %s bytes', (written, position) => {
  expect(parseLsn(written)).toBe(position);
  expect(formatLsn(position)).toBe(written);
});

test('a text that is not a position is refused', () => {
  expect(() => parseLsn('1/2/3')).toThrow("'1/2/3' is not a WAL position.");
});
