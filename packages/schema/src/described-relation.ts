/** A column in words: what it is, and where it comes from. */
export interface DescribedColumn {
  readonly name: string;
  readonly about: string;
  readonly origin?: string;
}

/** A table or a view of the warehouse in words: what the data dictionary says of it, and what the database itself does. */
export interface DescribedRelation {
  readonly schema: string;
  readonly name: string;
  readonly about: string;
  readonly columns: readonly DescribedColumn[];
}
