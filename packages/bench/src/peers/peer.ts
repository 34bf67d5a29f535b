import type { SourceTable } from '../source/source-tables.ts';
import type { Findings } from './compare-tables.ts';

/** One job of a peer: where the tables are, and where they go. */
export interface Job {
  readonly sourceUrl: string;
  /** An empty database of this job. */
  readonly targetUrl: string;
  /** An empty folder of this job, also the home of the peer's processes. */
  readonly folder: string;
  readonly tables: readonly SourceTable[];
}

/** How a peer is started. */
export interface PeerProgram {
  readonly command: readonly [program: string, ...args: string[]];
  /** Variables beside PATH and HOME; credentials are here and never among the arguments. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A peer that is installed. */
export interface Mover {
  program(job: Job): Promise<PeerProgram>;
  /** Compares what arrived with the source, after the program has ended well. */
  check(job: Job): Promise<Findings>;
  /** The version that was found, if the peer has no fixed version. */
  readonly version?: string;
  /** Returns the bytes of the files that the program wrote, if it writes any. */
  bytes?(job: Job): Promise<number>;
}

/** A tool that moves the tables of a source, measured beside this product. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** The group of the measure, which has a floor. */
  readonly group: PeerGroup;
  /** Installs the peer, or returns the reason why it cannot be installed. */
  prepare(): Promise<Mover | { readonly missing: string }>;
}

/** The groups of peers, by what they write. */
export type PeerGroup = 'moved into Postgres' | 'written as Parquet';
