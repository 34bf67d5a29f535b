import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Explains why a profile has no credentials, as far as its files show it; the SDK itself only reports that no provider
 * has any. The result repeats names of profiles and no other value of the files.
 */
export function explainProfile(profile: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folder = join(environment.HOME || homedir(), '.aws');
  const config = environment.AWS_CONFIG_FILE || join(folder, 'config');
  const credentials = environment.AWS_SHARED_CREDENTIALS_FILE || join(folder, 'credentials');
  const settings = findProfile(profile, config, credentials);
  if (settings === undefined) {
    if (!environment.AWS_PROFILE) return undefined;
    return `Profile '${profile}' is in neither ${config} nor ${credentials}: correct AWS_PROFILE, or add the profile`;
  }
  if (settings.has('credential_process')) {
    return (
      `The credential_process of profile '${profile}' returns no credentials: run its command by hand, and correct ` +
      'it'
    );
  }
  const source = settings.get('source_profile');
  if (source !== undefined && findProfile(source, config, credentials) === undefined) {
    return (
      `Profile '${profile}' names the source_profile '${source}', which is in neither ${config} nor ${credentials}: ` +
      'correct it'
    );
  }
  if (settings.has('sso_session') || settings.has('sso_start_url')) return `Run: aws sso login --profile ${profile}`;
  return (
    `Profile '${profile}' has no credentials: run aws sts get-caller-identity --profile ${profile}, and correct the ` +
    'profile'
  );
}

function findProfile(profile: string, config: string, credentials: string): Map<string, string> | undefined {
  const sections = [...readSections(config), ...readSections(credentials)];
  const found = sections.filter(([name]) => name === profile || name === `profile ${profile}`);
  return found.length === 0 ? undefined : new Map(found.flatMap(([, settings]) => settings));
}

function readSections(file: string): [name: string, settings: [string, string][]][] {
  const sections: [string, [string, string][]][] = [];
  for (const line of readLines(file)) {
    const name = /^\s*\[\s*(.+?)\s*\]/.exec(line)?.[1]?.replace(/\s+/, ' ');
    const setting = /^([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (name !== undefined) sections.push([name, []]);
    else if (setting) sections.at(-1)?.[1].push([setting[1]!, setting[2]!]);
  }
  return sections;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
