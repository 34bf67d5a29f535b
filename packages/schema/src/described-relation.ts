/** The description of a column: what it contains, and the source column that it comes from. */
export interface DescribedColumn {
  readonly name: string;
  readonly about: string;
  readonly origin?: string;
}

/** The description of a table or a view, for the data dictionary and for the comments in the warehouse. */
export interface DescribedRelation {
  readonly schema: string;
  readonly name: string;
  readonly about: string;
  readonly columns: readonly DescribedColumn[];
}
