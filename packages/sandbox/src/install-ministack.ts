import { installPython } from './install-python.ts';

const VERSION = '1.5.33';

/**
 * Creates a venv with ministack below the build folder, unless it exists. Returns the path of its Python, or the reason
 * why there is none.
 */
export function installMinistack(): Promise<string | { missing: string }> {
  return installPython({ name: 'ministack', version: VERSION, packages: [`ministack==${VERSION}`] });
}
