// A follower of tests: copies the marks of sales orders from SOURCE_URL to TARGET_URL again and again, well or badly.
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';

const [how] = process.argv.slice(2);
const [source, target] = [process.env.SOURCE_URL, process.env.TARGET_URL].map((url) => postgres(url, { max: 1 }));
if (how === 'fails') {
  process.stderr.write(`\u001b[31mno route to ${process.env.TARGET_URL}\u001b[0m\n`);
  process.exit(7);
}
await target`create table copied (units_sold integer primary key)`;
for (; ; await delay(100)) {
  if (how === 'hangs') continue;
  const rows = await source`select units_sold from sales_order where units_sold >= 10000000 and units_sold % 2 = 0`;
  for (const { units_sold } of rows) await target`insert into copied values (${units_sold}) on conflict do nothing`;
}
