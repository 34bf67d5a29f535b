#!/usr/bin/env node
import { existsSync } from 'node:fs';

// A process list shows the command, never the URLs that stand behind it: before the rest is loaded, which takes longest.
process.title = `totesys ${process.argv[2]?.startsWith('-') ? '' : (process.argv[2] ?? '').slice(0, 20)}`.trim();

const bundle = new URL('../dist/main.mjs', import.meta.url);
if (existsSync(bundle)) {
  await import(bundle.href);
} else {
  process.stderr.write('The totesys command has not been built yet. Run: make setup\n');
  process.exitCode = 2;
}
