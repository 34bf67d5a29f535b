import { checkLakeFormat } from '@totesys/lake';
import type { CommandContext } from '../process/command-context.ts';
import type { PlaceName } from './places.ts';

/**
 * Throws unless this version understands the format of the lakes among the places. A command that files a request or
 * removes leftovers must know that before it starts.
 */
export async function checkFormats(context: CommandContext, places: readonly PlaceName[]): Promise<void> {
  if (places.includes('ingestion')) await checkLakeFormat(context.ingestion());
  if (places.includes('processed')) await checkLakeFormat(context.processed());
}
