import { type Model, type SourceTable, totesysModel } from '../src/index.ts';

/** The model with the columns of one source table changed, as a later version may have it. */
export function modelWith(table: string, change: (columns: SourceTable['columns']) => object): Model {
  return {
    ...totesysModel,
    source: totesysModel.source.map((each) =>
      each.name === table ? { ...each, columns: change(each.columns) as SourceTable['columns'] } : each,
    ),
  };
}
