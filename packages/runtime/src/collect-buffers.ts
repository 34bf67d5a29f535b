import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Frees the buffers to which nothing refers, in some milliseconds. V8 waits until about 64 MB of them are dead: with
 * texts of many megabytes that is a large share of a stage's memory.
 */
export function collectBuffers(): void {
  if (!collect) {
    // Node offers no other access to the collector in a process that was started without the flag.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
