/** A schedule that starts a function. */
export interface DeployedSchedule {
  readonly name: string;
  readonly isEnabled: boolean;
}

/** What AWS reports about the function of a stage. */
export interface DeployedStage {
  readonly functionName: string;
  /** `Active` if it can run. */
  readonly state: string;
  /** `Successful` if its last deployment has ended well. */
  readonly lastUpdate: string;
  /** The digest of the deployed zips. */
  readonly codeVersion: string | undefined;
  readonly schedules: readonly DeployedSchedule[];
  /** Runs, and those that failed, in the last hour. */
  readonly runs: number;
  readonly failures: number;
}

/** Reads what AWS reports about a function; throws if it cannot be read. */
export type ReadStage = (functionName: string) => Promise<DeployedStage>;
