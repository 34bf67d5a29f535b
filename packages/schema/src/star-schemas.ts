import { quoteIdentifier } from './quote-identifier.ts';

/** The schemas in which a function finds the star: those of its tables and views, and of the dimensions' histories. */
export interface StarSchemas {
  readonly tables: 'public' | 'masked';
  readonly histories: 'etl' | 'masked';
}

/** The star itself. */
export const STAR: StarSchemas = { tables: 'public', histories: 'etl' };

/** The views of the star that show no personal data. */
export const MASKED: StarSchemas = { tables: 'masked', histories: 'masked' };

/** Returns the qualified name of a table or view of the star. */
export const starRelation = ({ tables }: StarSchemas, name: string): string => `${tables}.${quoteIdentifier(name)}`;
