/** A question of docs/questions.md with the query that answers it. */
export interface ParsedQuestion {
  readonly number: number;
  readonly title: string;
  /** What the page says between the title and the query; often nothing. */
  readonly about: string;
  /** The query, without its semicolon. */
  readonly sql: string;
}

const QUESTION = /^### (\d+)\. (.+)\n((?:(?!^###? )[\s\S])*?)^```sql\n([^`]*);\n```$/gm;

/** Returns the questions of docs/questions.md, in their order. */
export function parseQuestions(page: string): ParsedQuestion[] {
  return [...page.matchAll(QUESTION)].map(([, number, title, about, sql]) => ({
    number: Number(number),
    title: title!,
    about: about!.trim().replace(/\s+/g, ' '),
    sql: sql!,
  }));
}
