import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createTestDatabase, loadSample, type TestDatabase, TOTESYS_TABLES } from '../src/index.ts';

const STAMPS = '2022-11-03 14:20:49.962,2022-11-03 14:20:49.963';
const ADDRESSES = `address_id,address_line_1,address_line_2,district,city,postal_code,country,phone,created_at,last_updated
7,"1, ""The"" Lane",,,Leeds,01234,Malta,0100 000000,${STAMPS}
9,2 Ash Road,Flat 3,Avon,Łódź,28441,Turkey,0100 000001,${STAMPS}
`;

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase({ totesys: true });
  folder = await mkdtemp(join(tmpdir(), 'export-'));
  for (const table of TOTESYS_TABLES) await write(table, `${table}_id\n`);
});

afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const write = (table: string, text: string) => writeFile(join(folder, `${table}.csv.gz`), gzipSync(text));

test('loads an export exactly, and continues the serials after it', async () => {
  await write('address', ADDRESSES);
  await write('department', `department_name,department_id,created_at,last_updated\nSales,1,${STAMPS}\n`);
  await loadSample(database.sql, folder);
  const rows = await database.sql`
    select address_id, address_line_1, address_line_2, postal_code, city, last_updated::text from address order by address_id`;
  expect(rows).toEqual([
    {
      address_id: 7,
      address_line_1: '1, "The" Lane',
      address_line_2: null,
      postal_code: '01234',
      city: 'Leeds',
      last_updated: '2022-11-03 14:20:49.963',
    },
    expect.objectContaining({ address_id: 9, address_line_2: 'Flat 3', city: 'Łódź' }),
  ]);
  expect(await database.sql`select department_id, department_name from department`).toEqual([
    { department_id: 1, department_name: 'Sales' },
  ]);
  expect(await database.sql`select nextval('address_address_id_seq')::int as next`).toEqual([{ next: 10 }]);
});

test.each([
  ['that is missing', (file: string) => rm(file), /ENOENT/],
  ['that is empty', (file: string) => writeFile(file, gzipSync('')), /payment\.csv\.gz has no complete line/],
  [
    'that is cut off',
    (file: string) => writeFile(file, gzipSync(ADDRESSES.repeat(99)).subarray(0, 60)),
    /unexpected end of file/,
  ],
  ['that is no gzip', (file: string) => writeFile(file, ADDRESSES), /incorrect header check/],
  [
    'with a column that the table lacks',
    (file: string) => writeFile(file, gzipSync('payment_id,colour\n')),
    /column "colour"/,
  ],
])('says so of a file %s', async (_, spoil, message) => {
  await spoil(join(folder, 'payment.csv.gz'));
  await expect(loadSample(database.sql, folder)).rejects.toThrow(message);
  expect(await database.sql`select 1 as one`).toEqual([{ one: 1 }]);
});
