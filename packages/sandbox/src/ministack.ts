import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { installMinistack } from './install-ministack.ts';

/** The emulator starts within a second; a loaded machine takes longer. */
const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const STARTS = 3;

/**
 * The emulator, and a thread that ends it with its children and its folder when the process at the other end of its
 * stdin ends, for any reason.
 */
const PROGRAM = `
import os, runpy, shutil, signal, sys, threading
folder = os.getcwd()
def watch():
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
runpy.run_module('ministack', run_name='__main__')
`;

/** A running emulator of AWS; `env` has the variables with which a process uses it instead of AWS. */
export interface Ministack {
  readonly endpoint: string;
  readonly env: Readonly<Record<string, string>>;
  /** The emulator's own log so far. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts ministack, an emulator of AWS, from a venv below the build folder, which is created at the first use. If that
 * fails, it returns the reason, and tests are skipped; with `CI=true` it throws. `settings` are ministack's own
 * variables, such as `AUTH=true`.
 */
export async function startMinistack(
  settings: Readonly<Record<string, string>> = {},
): Promise<Ministack | { missing: string }> {
  const python = await installMinistack();
  if (typeof python !== 'string') {
    if (process.env.CI === 'true') throw new Error(`${python.missing} With CI=true nothing is skipped.`);
    return python;
  }
  for (let start = 1; ; start++) {
    try {
      return await startOnce(python, settings);
    } catch (error) {
      // Another process may have taken the free port meanwhile.
      if (start === STARTS) throw error;
    }
  }
}

async function startOnce(python: string, settings: Readonly<Record<string, string>>): Promise<Ministack> {
  const folder = await mkdtemp(join(tmpdir(), 'totesys-ministack-'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const log = openSync(join(folder, 'ministack.log'), 'a');
  // Functions inherit the emulator's environment, so it gets a clean one: they must not depend on variables of this
  // process.
  const env = {
    PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: folder,
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    STATE_DIR: join(folder, 'state'),
    TMPDIR: folder,
    PYTHONUNBUFFERED: '1',
    ...settings,
  };
  const child = spawn(python, ['-c', PROGRAM], { detached: true, env, cwd: folder, stdio: ['pipe', log, log] });
  closeSync(log);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  const readLog = () => readFile(join(folder, 'ministack.log'), 'utf8').catch(() => '');
  const stop = async () => {
    await stopGroup(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(child, endpoint, readLog);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, env: clientEnvironment(endpoint), log: readLog, stop };
}

function clientEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    // S3 Control's client puts the account's id before the host, which is impossible with an IP address:
    // 000000000000.localhost.
    AWS_ENDPOINT_URL_S3_CONTROL: endpoint.replace('127.0.0.1', 'localhost'),
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

async function waitUntilReady(child: ChildProcess, endpoint: string, readLog: () => Promise<string>): Promise<void> {
  const limit = Date.now() + READY_LIMIT_MS;
  let spawnError: Error | undefined;
  child.once('error', (error) => {
    spawnError = error;
  });
  while (Date.now() < limit && !spawnError && !hasEnded(child)) {
    const answer = await fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(50);
  }
  const fault = spawnError?.message ?? (hasEnded(child) ? 'it ended at once' : `not ready after ${READY_LIMIT_MS} ms`);
  throw new Error(`ministack at ${endpoint} did not start: ${fault}. Its log ends: ${(await readLog()).slice(-2_000)}`);
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  signalGroup(child.pid, 'SIGTERM');
  const limit = Date.now() + STOP_LIMIT_MS;
  while (!hasEnded(child) && Date.now() < limit) await sleep(20);
  // Processes that it started may still run.
  signalGroup(child.pid, 'SIGKILL');
  child.stdin?.destroy();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
