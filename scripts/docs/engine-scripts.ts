import { ENGINES, type EngineName, renderEngineScript, totesysModel } from '@totesys/schema';

/** The generated scripts of views, by their paths from the root of the repository. */
export const ENGINE_SCRIPTS = Object.keys(ENGINES).map((engine) => ({
  path: `docs/engines/${engine}.sql`,
  text: renderEngineScript(totesysModel, engine as EngineName),
}));
