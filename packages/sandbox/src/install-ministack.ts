import { installPython } from './install-python.ts';

const VERSION = '1.5.33';

/**
 * Makes a venv with ministack below the build folder if it is missing; returns its Python, or a sentence with what is
 * missing.
 */
export function installMinistack(): Promise<string | { missing: string }> {
  return installPython({ name: 'ministack', version: VERSION, packages: [`ministack==${VERSION}`] });
}
