// A peer of tests: moves the table of currencies from SOURCE_URL to TARGET_URL, well or badly.
import postgres from 'postgres';

const [how] = process.argv.slice(2);
const [source, target] = [process.env.SOURCE_URL, process.env.TARGET_URL].map((url) => postgres(url, { max: 1 }));
if (how === 'fails') {
  process.stderr.write(`\u001b[31mno route to ${process.env.TARGET_URL}\u001b[0m\n`);
  process.exit(7);
}
if (how === 'hangs') await new Promise((resolve) => setTimeout(resolve, 600_000));
const rows = await source`select * from currency order by currency_id`;
await target`create table currency (
  currency_id integer primary key, currency_code text, created_at timestamp(3), last_updated timestamp(3))`;
for (const row of how === 'loses a row' ? rows.slice(1) : rows)
  await target`insert into currency select * from jsonb_populate_record(null::currency, ${target.json(row)})`;
await Promise.all([source.end(), target.end()]);
