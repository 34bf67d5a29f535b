import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMinistack } from '@totesys/sandbox';
import { expectDone } from '../../aws/deployment.ts';
import { runProgram } from '../../aws/run-program.ts';
import type { State } from '../policy/state.ts';
import { ACCOUNT } from './names.ts';

const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url));
const FOLDER = join(ROOT, 'terraform/bootstrap');
const PLUGINS = join(ROOT, 'build/terraform-plugins');
const VARIABLES = {
  repository: 'acme/totesys',
  // The emulator speaks plain HTTP, and need not know OpenID Connect.
  refuse_plain_http: false,
  oidc_provider_arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
};

/**
 * Applies terraform/bootstrap to an account of its own, which ends with it; returns the state, in which every policy
 * has its names.
 */
export async function applyBootstrap(): Promise<State> {
  const ministack = await startMinistack();
  if ('missing' in ministack) throw new Error(ministack.missing);
  await mkdir(PLUGINS, { recursive: true });
  const folder = await mkdtemp(join(ROOT, 'build/bootstrap-'));
  const env = {
    ...ministack.env,
    TF_DATA_DIR: join(folder, 'data'),
    TF_PLUGIN_CACHE_DIR: PLUGINS,
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
  };
  const terraform = (...args: string[]) =>
    expectDone(runProgram(process.env.TERRAFORM || 'terraform', [`-chdir=${FOLDER}`, ...args], { cwd: ROOT, env }));
  const state = join(folder, 'bootstrap.tfstate');
  try {
    await terraform('init', '-input=false', '-no-color');
    const variables = Object.entries(VARIABLES).map(([name, value]) => `-var=${name}=${value}`);
    await terraform('apply', '-input=false', '-no-color', '-auto-approve', `-state=${state}`, ...variables);
    return JSON.parse((await terraform('show', '-json', state)).stdout) as State;
  } finally {
    await ministack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
