import type { Sql } from '@totesys/runtime';
import type { Job, PeerProgram } from '../peers/peer.ts';
import type { OperationKind } from './operation-kinds.ts';
import type { Committed, Performed } from './perform-operations.ts';

/** When operations arrived, by their marks: seconds since 1970. */
export type Arrivals = ReadonlyMap<number, number>;

/** A tool that is installed and can follow a source. */
export interface Following {
  /** Prepares the source, as the tool's documentation says. */
  setUp?(job: Job, source: Sql): Promise<void>;
  /** Starts the tool's long-lived process. */
  program(job: Job): Promise<PeerProgram>;
  /** Returns the arrivals of operations; those that have not arrived are missing. */
  readArrivals(job: Job, target: Sql, operations: readonly Performed[]): Promise<Arrivals>;
  /** Compares the target with the source after the process has ended; returns what it found. */
  prove?(job: Job): Promise<string>;
}

/** A tool that follows the changes of a source with a long-lived process. */
export interface Follower {
  readonly name: string;
  readonly version: string;
  /** Where a change has arrived when it counts as visible. */
  readonly arrival: string;
  /** Whether the tool finds operations of this kind at all, by its documentation. */
  finds(kind: OperationKind): boolean;
  /** Installs the tool, or returns the reason why it cannot be installed. */
  prepare(): Promise<Following | { readonly missing: string }>;
}

/** An operation with its arrival, or undefined if it did not arrive. */
export interface Followed extends Committed {
  readonly arrivedAt: number | undefined;
}
