import { HiddenChanges } from '../src/hidden-changes.ts';
import { MessageReader } from '../src/postgres-messages.ts';

/** A CopyData message with one row of the peek: an xid, a key and a message of pgoutput. */
function rowOf(output: string, head: readonly number[] = []): Buffer {
  const message = Buffer.from(output);
  const row = Buffer.alloc(22);
  row.writeInt16BE(3, 0);
  row.writeInt32BE(4, 2);
  row.writeInt32BE(4, 10);
  row.writeInt32BE(message.length, 18);
  return copyData(Buffer.concat([Buffer.from(head), row, message]));
}

function copyData(body: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.from('d\0\0\0\0'), body]);
  bytes.writeUInt32BE(bytes.length - 1, 1);
  return bytes;
}

const COPY_HEAD = [...Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), 0, 0, 0, 0, 0, 0, 0, 0];

/** A message of pgoutput about a relation. */
const about = (kind: string, id: number, rest = 'N') => `${kind}\0\0\0${String.fromCharCode(id)}${rest}`;

test('hides the changes of one table, and nothing else', () => {
  const [relation, other] = [about('R', 1, 'public\0design\0d'), about('R', 2, 'public\0staff\0d')];
  const changes = [about('I', 1), about('I', 2), about('U', 1), about('D', 1), about('D', 2)];
  const sent = ['Begin', relation, other, ...changes, 'Commit'];
  const rows = sent.map((output, at) => rowOf(output, at === 0 ? COPY_HEAD : []));
  const hidden = new HiddenChanges('design');
  const messages = [...new MessageReader('server').read(Buffer.concat([...rows, copyData(Buffer.from([255, 255]))]))];
  const passed = messages.flatMap((message, at) => (hidden.hides(message) ? [] : [sent[at] ?? 'end']));
  expect(passed).toEqual(['Begin', relation, other, about('I', 2), about('D', 2), 'Commit', 'end']);
});
