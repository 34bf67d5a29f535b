import { type Connection, query } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import {
  type HintFunctionRow,
  type HintPublicationRow,
  type HintServerRow,
  type HintSlotRow,
  type HintTableRow,
  readHintFunctions,
  readHintPublication,
  readHintServer,
  readHintSlot,
  readHintTables,
} from '../sql/hint-facts.ts';
import { HINTS_LEAST_VERSION } from './hint-objects.ts';

/** What the publication publishes: itself, undefined if it is missing, and the tables of the model. */
export interface PublishedTables {
  readonly publication: HintPublicationRow | undefined;
  readonly tables: readonly HintTableRow[];
}

/** Everything that hints need of a source, as it is. */
export interface HintFacts extends PublishedTables {
  readonly server: HintServerRow;
  readonly slot: HintSlotRow | undefined;
  readonly functions: readonly HintFunctionRow[];
}

/** Reads everything that hints need of a source. A server that is too old has no facts besides its own. */
export async function readHintFacts(connection: Connection, model: Model): Promise<HintFacts> {
  const server = await readServerOfHints(connection);
  const none = { server, publication: undefined, tables: [], slot: undefined, functions: [] };
  if (server.version < HINTS_LEAST_VERSION) return none;
  const published = await readPublishedTables(connection, model);
  const slot = await readSlot(connection);
  const functions = await query<HintFunctionRow>(connection, { text: readHintFunctions });
  return { server, ...published, slot, functions };
}

/** Reads what hints need of the server itself. */
export async function readServerOfHints(connection: Connection): Promise<HintServerRow> {
  const [server] = await query<HintServerRow>(connection, { text: readHintServer });
  return server!;
}

/** Reads the publication and the tables of the model, as the connection's snapshot shows them. */
export async function readPublishedTables(connection: Connection, model: Model): Promise<PublishedTables> {
  const parameters = [model.source.map(({ name }) => name), model.source.map(({ key }) => key)];
  const tables = await query<HintTableRow>(connection, { text: readHintTables, parameters });
  const [publication] = await query<HintPublicationRow>(connection, { text: readHintPublication });
  return { publication, tables };
}

/** Reads the slot as it is now; undefined if it is missing. */
export async function readSlot(connection: Connection): Promise<HintSlotRow | undefined> {
  const [slot] = await query<HintSlotRow>(connection, { text: readHintSlot });
  return slot;
}
