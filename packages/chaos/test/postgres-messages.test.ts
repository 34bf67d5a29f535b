import { MessageReader, queryMessage, statementIn } from '../src/postgres-messages.ts';

const STARTUP = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0]);

const typesIn = (reader: MessageReader, chunk: Buffer) => [...reader.read(chunk)].map(({ type }) => type);

test('takes a client’s first message for one without a type, whatever its bytes', () => {
  const reader = new MessageReader('client');
  expect(typesIn(reader, Buffer.concat([STARTUP, queryMessage('select 1')]))).toEqual(['', 'Q']);
});

test('waits until a message is whole, however it is cut', () => {
  const reader = new MessageReader('server');
  const bytes = Buffer.concat([queryMessage('begin'), queryMessage('commit')]);
  const statements: string[] = [];
  for (const byte of bytes) {
    for (const message of reader.read(Buffer.from([byte]))) statements.push(statementIn(message));
  }
  expect(statements).toEqual(['begin', 'commit']);
});

test('finds the statement after the name at the start of a Parse message', () => {
  const bytes = Buffer.concat([Buffer.from('P\0\0\0\0'), Buffer.from('name\0select $1::int\0\0\0')]);
  bytes.writeUInt32BE(bytes.length - 1, 1);
  const [message] = new MessageReader('server').read(bytes);
  expect(statementIn(message!)).toBe('select $1::int');
});
