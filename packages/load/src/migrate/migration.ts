import { type Connection, execute, SqlState, sqlStateOf, type Transaction } from '@totesys/runtime';

/** A change of the warehouse that a migration makes. */
export interface MigrationStep {
  /** The relation or the schema that changes, as `schema.name` or `schema`. */
  readonly relation: string;
  /** The change, for example `create table`. */
  readonly change: string;
  readonly statement: string;
  /** Set if only the load can compare the relation with the model, and makes the change if they differ. */
  readonly ifDiffers?: true;
}

/** Where a migration looks, and what becomes of its steps: they are made, or they are planned. */
export interface Migration {
  readonly connection: Connection;
  /** Whether steps are only planned. A step then has no effect that a later look would see. */
  readonly isPlan: boolean;
  /** Takes the next step. */
  take(step: MigrationStep): Promise<void>;
  /** Runs work that a later run may repeat. Returns false if the lock of another session prevents it. */
  attempt(work: () => Promise<void>): Promise<boolean>;
}

/** Returns a migration that makes its steps in a transaction. */
export function migrationIn(transaction: Transaction): Migration {
  return {
    connection: transaction,
    isPlan: false,
    take: async ({ statement }) => {
      await execute(transaction, { text: statement });
    },
    attempt: async (work) => {
      try {
        await transaction.savepoint(work);
        return true;
      } catch (error) {
        const state = sqlStateOf(error);
        if (state === SqlState.lockNotAvailable || state === SqlState.deadlockDetected) return false;
        throw error;
      }
    },
  };
}

/** Returns a migration that adds its steps to a list and changes nothing; its connection may be read-only. */
export function plannedMigration(connection: Connection, steps: MigrationStep[]): Migration {
  return {
    connection,
    isPlan: true,
    take: async (step) => {
      steps.push(step);
    },
    attempt: async (work) => {
      await work();
      return true;
    },
  };
}
