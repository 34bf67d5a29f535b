#!/usr/bin/env node
import { existsSync } from 'node:fs';

const bundle = new URL('../dist/main.mjs', import.meta.url);
if (existsSync(bundle)) {
  await import(bundle.href);
} else {
  process.stderr.write('The totesys command has not been built yet. Run: make setup\n');
  process.exitCode = 2;
}
