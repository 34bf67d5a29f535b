#!/usr/bin/env node
import { existsSync } from 'node:fs';

// A list of processes shows the command but no URL. First of all, because loading the program takes longest.
process.title = `totesys ${process.argv[2]?.startsWith('-') ? '' : (process.argv[2] ?? '').slice(0, 20)}`.trim();

// These handlers answer a signal until the program is loaded and has its own.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const interrupted = () => end(130, 'INTERRUPTED', 'Interrupted before the command started.');
for (const signal of SIGNALS) process.on(signal, interrupted);
const removeHandlers = () => {
  for (const signal of SIGNALS) process.off(signal, interrupted);
};

const bundle = new URL('../dist/main.mjs', import.meta.url);
if (!existsSync(bundle)) end(2, 'USAGE', 'The command is not built. Run: make setup');
const { main } = await import(bundle.href).catch((error) =>
  end(1, 'UNEXPECTED', `The command cannot be loaded: ${error.stack}`),
);
main(removeHandlers);

function end(exitCode, code, message) {
  process.stderr.write(`totesys: ${message}\n`);
  const isJson = process.argv.some((argument) => argument === '--json' || argument.startsWith('--json='));
  if (isJson) process.stdout.write(`${JSON.stringify({ ok: false, error: { code, message } })}\n`);
  process.exit(exitCode);
}
