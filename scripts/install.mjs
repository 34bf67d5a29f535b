// @ts-check
// Installs the dependencies with the pnpm that package.json names, fetched by npx where the machine has none. Runs
// before any install, so it is JavaScript.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What npm, pnpm and Node say when no registry answers. */
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT/;
const LEAST_NODE = 20;

if (Number(process.versions.node.split('.')[0]) < LEAST_NODE) {
  fail(
    `Node ${process.versions.node} is too old: expected ${LEAST_NODE} or newer. Install it, then run make setup again.`,
  );
}
const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const pnpm = packageManager.split('+')[0];
const args = [
  '--yes',
  pnpm,
  'install',
  '--frozen-lockfile',
  '--config.confirmModulesPurge=false',
  '--reporter=append-only',
];

const child = spawn('npx', args, {
  cwd: new URL('..', import.meta.url),
  stdio: ['ignore', 'pipe', 'pipe'],
  // A registry that does not answer is reported in seconds, not in minutes.
  env: {
    ...process.env,
    npm_config_fetch_retries: '2',
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_fetch_retry_maxtimeout: '5000',
  },
});
let said = '';
for (const stream of [child.stdout, child.stderr]) {
  stream.on('data', (chunk) => {
    said += chunk;
  });
}
child.on('error', (error) =>
  fail(`npx cannot be started (${error.message}). It comes with Node: see that npm is installed.`),
);
child.on('close', (code) => {
  if (code === 0) return process.stdout.write('Dependencies are installed.\n');
  process.stderr.write(said);
  fail(
    OFFLINE.test(said)
      ? 'The package registry cannot be reached: make setup needs the network once. Connect (or set the npm registry ' +
          'or proxy), then run it again.'
      : `${pnpm} install failed with exit code ${code}; its output is above.`,
  );
});

/** @param {string} message */
function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}
