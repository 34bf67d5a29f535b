import type { LoadResult } from '@totesys/load';
import type { CommandContext } from '../process/command-context.ts';
import { describeFault } from '../process/report-error.ts';
import { runLoadInTurn } from './run-load.ts';

/** Loads that run beside other stages, one after another. */
export interface LoadsBeside {
  /**
   * Starts a load after the one in progress, unless that one also loads this batch. Throws if a load has failed: what
   * the other stages do next could not be loaded either.
   */
  start(batch: number): void;
  /** Waits for every load that was started; throws if one has failed. */
  end(): Promise<void>;
  /**
   * Waits for every load that was started, after the error that ends the command: a load that stops in the middle has
   * to start again. Logs the failure of a load if it is another error.
   */
  endAfter(error: unknown): Promise<void>;
}

/** Returns loads beside other stages; `report` gets the result of each. */
export function loadsBeside(context: CommandContext, report: (loaded: LoadResult) => void): LoadsBeside {
  let last: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  let newest = 0;
  const loadUpTo = async (batch: number) => {
    if (newest >= batch) return;
    const loaded = await runLoadInTurn(context);
    newest = loaded.batches.at(-1) ?? newest;
    report(loaded);
  };
  return {
    start: (batch) => {
      if (failure) throw failure.error;
      last = last.then(() => loadUpTo(batch));
      last.catch((error) => {
        failure ??= { error };
      });
    },
    end: () => last,
    endAfter: async (error) => {
      await last.catch((fault) => {
        // The interruption itself ends the connections of a load.
        if (fault === error || context.interrupted.aborted) return;
        context.terminal.log(`totesys: ${describeFault(fault).message}`);
      });
    },
  };
}
