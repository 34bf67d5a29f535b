import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The names under which Debian, Ubuntu and Google install the browser. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** Returns the path of a Chromium: of `CHROMIUM`, of the PATH or of macOS; undefined if there is none. */
export function findChromium(environment: NodeJS.ProcessEnv): string | undefined {
  if (environment.CHROMIUM) return environment.CHROMIUM;
  const folders = (environment.PATH ?? '').split(delimiter);
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), MACOS];
  return candidates.find((file) => existsSync(file));
}
