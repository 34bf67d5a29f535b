import type { LoadPlan, MigrationStep, PlannedBatch } from '@totesys/load';
import { countOf } from '../format/count-of.ts';
import { describeBatches } from '../format/describe-batches.ts';

/** Describes what the next run of load would do, in lines; the first is the summary. */
export function describeLoadPlan(plan: LoadPlan): string[] {
  const { stops, migration, writesComments, held } = plan;
  return [
    summarize(plan),
    ...stops.map(({ message }) => `stop   ${message}`),
    ...(migration.length > 0 ? [`changes the warehouse first: ${countOf(migration.length, 'statement')}`] : []),
    ...(writesComments ? ['writes the descriptions of tables and columns as comments'] : []),
    ...describeGroups(plan.batches),
    ...describeRest(plan),
    ...held.map(
      ({ fact, rows, columns }) =>
        `${countOf(rows, 'row')} of ${fact} held until dimension rows arrive for ${columns.join(', ')}`,
    ),
  ];
}

/** Returns the relations that a migration changes, each with its changes in order. */
export function describeMigration(steps: readonly MigrationStep[]): string[][] {
  const relations = [...new Set(steps.map(({ relation }) => relation))];
  return relations.map((relation) => [relation, describeSteps(steps.filter((step) => step.relation === relation))]);
}

// A new fact has up to nine foreign keys, whose names say nothing more.
function describeSteps(steps: readonly MigrationStep[]): string {
  const keys = steps.filter(({ change }) => change.startsWith('add foreign key'));
  const others = steps.filter((step) => keys.length === 1 || !keys.includes(step));
  const changes = others.map(({ change, ifDiffers }) =>
    ifDiffers ? `${change} if it differs from the model` : change,
  );
  return [...changes, ...(keys.length > 1 ? [`add ${keys.length} foreign keys`] : [])].join(', ');
}

function summarize({ stops, yields, batches, blocked }: LoadPlan): string {
  if (stops.length > 0) return 'will stop before its first batch';
  if (yields !== undefined) return `yields at this moment: ${yields}`;
  if (batches.length === 0) return blocked ? `will stop at batch ${blocked.batch}` : 'has no batch to load';
  const rows = batches.reduce((sum, each) => sum + each.rows, 0);
  return `will load ${describeBatches(batches.map(({ batch }) => batch))}: ${countOf(rows, 'row')}`;
}

function describeGroups(batches: readonly PlannedBatch[]): string[] {
  return batches
    .filter(({ batch, group: [first, last] }) => batch === first && last > first)
    .map(({ group: [first, last] }) => {
      return `batches ${first}-${last} load together, because later ones correct quarantined rows of batch ${first}`;
    });
}

function describeRest({ batches, blocked, missing, newestBatch, newestProcessed, stops }: LoadPlan): string[] {
  if (stops.length > 0) return [];
  const last = batches.at(-1)?.batch ?? newestBatch;
  const waiting = newestProcessed - last;
  if (blocked) {
    const later =
      waiting > 1 ? [`${countOf(waiting - 1, 'later batch', 'later batches')} wait for batch ${last + 1}`] : [];
    return [`stop   ${blocked.reason.message}`, ...later];
  }
  if (missing !== undefined) return [`batch ${missing} is not transformed yet, and later ones wait for it`];
  return waiting > 0 ? [`${countOf(waiting, 'further batch', 'further batches')} follow`] : [];
}
