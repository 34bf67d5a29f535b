import { openStore } from '@totesys/lake';
import type { Model } from '@totesys/schema';
import type { Places } from '../places/places.ts';
import { openDeployment } from './aws-deployment.ts';
import { type Area, type Check, examine } from './check.ts';
import { examineConfiguration } from './examine-configuration.ts';
import { examineDeployment } from './examine-deployment.ts';
import { examineLake } from './examine-lake.ts';
import { examineLakes, examineLedger } from './examine-places.ts';
import { examineSource } from './examine-source.ts';
import { examineWarehouse } from './examine-warehouse.ts';

/** What is examined. */
export interface Subject {
  readonly model: Model;
  readonly places: Partial<Places>;
  readonly usesHints: boolean;
  /** The clock of this machine: milliseconds since 1970. */
  readonly now: () => number;
  /** The functions of a deployment by their stages, if one is examined. */
  readonly functions?: Readonly<Record<string, string>>;
}

/**
 * Examines all places at the same time, each within its own limit: one that does not answer delays or hides the checks
 * of no other.
 */
export async function examineAll({ model, places, usesHints, now, functions }: Subject): Promise<readonly Check[]> {
  const { source, warehouse } = places;
  const ingestion = places.ingestion === undefined ? undefined : openStore(places.ingestion);
  const processed = places.processed === undefined ? undefined : openStore(places.processed);
  const examining: Promise<readonly Check[]>[] = [];
  const check = (area: Area, subject: string, work: () => Promise<readonly Check[]>) => {
    examining.push(examine({ area, subject }, work));
  };
  if (source !== undefined) {
    check('source', 'checks', () => examineSource({ area: 'source', url: source, now, model, ingestion, usesHints }));
  }
  if (warehouse !== undefined) {
    check('warehouse', 'checks', () => examineWarehouse({ area: 'warehouse', url: warehouse, now }, model));
  }
  if (ingestion) check('ingestion', 'lake', () => examineLake('ingestion', ingestion));
  if (processed) check('processed', 'lake', () => examineLake('processed', processed));
  if (ingestion && processed) {
    check('lakes', 'chain', () => examineLakes(ingestion, processed));
    if (warehouse !== undefined) {
      check('lakes', 'ledger', () => examineLedger(warehouse, { ingestion, processed }));
    }
  }
  if (functions) {
    check('aws', 'deployment', async () => examineDeployment(functions, await openDeployment(now)));
  }
  return [...examineConfiguration(places), ...(await Promise.all(examining)).flat()];
}
