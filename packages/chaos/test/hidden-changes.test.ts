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

test('hides the changes of every second transaction, and nothing else', () => {
  const sent = ['Begin', 'Relation', 'Insert', 'Commit', 'Begin', 'Update', 'Commit', 'Begin', 'Delete', 'Commit'];
  const rows = sent.map((output, at) => rowOf(output, at === 0 ? COPY_HEAD : []));
  const hidden = new HiddenChanges();
  const messages = [...new MessageReader('server').read(Buffer.concat([...rows, copyData(Buffer.from([255, 255]))]))];
  const passed = messages.flatMap((message, at) => (hidden.hides(message) ? [] : [sent[at] ?? 'end']));
  expect(passed).toEqual(['Begin', 'Relation', 'Commit', 'Begin', 'Update', 'Commit', 'Begin', 'Commit', 'end']);
});
