#!/usr/bin/env node
import { existsSync } from 'node:fs';

// A process list shows the command, never the URLs that stand behind it: before the rest is loaded, which takes longest.
process.title = `totesys ${process.argv[2]?.startsWith('-') ? '' : (process.argv[2] ?? '').slice(0, 20)}`.trim();

// Until the rest is loaded and listens itself, a signal is answered here.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const interrupted = () => end(130, 'INTERRUPTED', 'Interrupted before it began.');
for (const signal of SIGNALS) process.on(signal, interrupted);
const handOver = () => {
  for (const signal of SIGNALS) process.off(signal, interrupted);
};

const bundle = new URL('../dist/main.mjs', import.meta.url);
if (!existsSync(bundle)) end(2, 'USAGE', 'The command has not been built yet. Run: make setup');
const { main } = await import(bundle.href).catch((error) =>
  end(1, 'UNEXPECTED', `It cannot be loaded: ${error.stack}`),
);
main(handOver);

function end(exitCode, code, message) {
  process.stderr.write(`totesys: ${message}\n`);
  const isJson = process.argv.some((argument) => argument === '--json' || argument.startsWith('--json='));
  if (isJson) process.stdout.write(`${JSON.stringify({ ok: false, error: { code, message } })}\n`);
  process.exit(exitCode);
}
