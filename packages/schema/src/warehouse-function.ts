import { quoteIdentifier } from './quote-identifier.ts';

/** A function of the warehouse, which load creates. */
export interface WarehouseFunction {
  /** Its quoted name with the types of its arguments, as `to_regprocedure` and `drop function` take it. */
  readonly signature: string;
  /** How an analyst calls it. */
  readonly call: string;
  readonly about: string;
  /** Creates the function, or replaces it by one that returns the same columns. */
  readonly statement: string;
  /** The text of the function, as the server keeps it. */
  readonly body: string;
  /** The names of its arguments and of the columns that it returns. */
  readonly names: readonly string[];
}

/** A column of the rows that a function returns. */
export interface FunctionColumn {
  readonly name: string;
  readonly type: string;
}

/** What a function is made of; `returns` is a type, or the columns of its rows. */
export interface FunctionDeclaration {
  readonly schema: 'public' | 'etl' | 'masked';
  readonly name: string;
  readonly arguments: readonly { readonly name: string; readonly type: string; readonly shown: string }[];
  readonly returns: string | readonly FunctionColumn[];
  readonly language: 'sql' | 'plpgsql';
  readonly about: string;
  readonly body: string;
}

/**
 * Returns a function that runs with the rights of its caller. Postgres puts the query of a function in SQL that returns
 * rows in the place of its call: a condition on its rows can use the indexes of the tables.
 */
export function declareFunction(declared: FunctionDeclaration): WarehouseFunction {
  const { schema, name, returns, language, about } = declared;
  const qualified = `${schema}.${quoteIdentifier(name)}`;
  const types = declared.arguments.map(({ type }) => type);
  const typed = declared.arguments.map((each) => `${each.name} ${each.type}`);
  const shown = declared.arguments.map((each) => each.shown);
  const body = `\n${declared.body}\n`;
  const columns = typeof returns === 'string' ? [] : returns;
  const table = columns.map((column) => `${quoteIdentifier(column.name)} ${column.type}`);
  const returned = typeof returns === 'string' ? returns : `table (${table.join(', ')})`;
  return {
    signature: `${qualified}(${types.join(', ')})`,
    call: `${schema === 'public' ? '' : `${schema}.`}${name}(${shown.join(', ')})`,
    about,
    statement: `create or replace function ${qualified}(${typed.join(', ')}) returns ${returned}
  language ${language} stable parallel safe as $function$${body}$function$`,
    body,
    names: [...declared.arguments, ...columns].map((each) => each.name),
  };
}
