import { folderCatalogue } from '@totesys/iceberg';
import { type PublishDeps, type PublishResult, publish, rebuild } from '@totesys/publish';
import { countOf } from '../format/count-of.ts';
import type { CommandContext } from '../process/command-context.ts';

/** Publishes every batch that the Iceberg tables lack, or writes the tables again, and reports the result. */
export async function runPublish(context: CommandContext, isRebuild: boolean): Promise<PublishResult> {
  const { terminal } = context;
  const deps = publishDeps(context);
  const result = isRebuild ? await rebuild(deps) : await publish(deps);
  terminal.clearBars();
  if (result.blocked !== undefined) terminal.log(`warning: ${result.blocked}`);
  terminal.print(`publish    ${describePublish(result)}`);
  return result;
}

/** Describes what a run of publish did. */
export function describePublish({ batches, tables, watermark }: PublishResult): string {
  if (batches === null) return `no batch is missing, the tables have batches up to ${watermark}`;
  const { first, last } = batches;
  const rows = tables.reduce((sum, each) => sum + each.rows, 0);
  const files = tables.reduce((sum, each) => sum + each.files, 0);
  const range = first === last ? `batch ${last}` : `batches ${first} to ${last}`;
  return `${range}: ${countOf(rows, 'row')} in ${countOf(files, 'file')}`;
}

/** Returns what publish, and the comparison of its tables, work with. */
export function publishDeps(context: CommandContext): PublishDeps {
  const place = context.iceberg();
  return {
    model: context.model,
    processed: context.processed(),
    place,
    catalogue: folderCatalogue(place),
    telemetry: context.terminal.telemetryOf('publish'),
  };
}
