import type { Answer, Question } from '@totesys/report';
import { describeError } from '@totesys/runtime';
import type { CommandContext } from '../process/command-context.ts';
import { readAnswer } from '../sql/answer.ts';
import { readQuestions } from './page-files.ts';

/** The most rows of an answer that are shown: 80 months in three currencies. */
const SHOWN_ROWS = 240;
/** The most rows of an answer that are read. */
const READ_ROWS = 10_000;
/** A question that takes longer is not answered, so that a report of a large warehouse ends: milliseconds. */
const TIMEOUT_MS = 10_000;

/** Returns the questions of docs/questions.md; with their answers if values may be shown and there is a warehouse. */
export async function answerQuestions(context: CommandContext, showsValues: boolean): Promise<Question[]> {
  const questions = await readQuestions();
  const isAsked = showsValues && context.places.warehouse !== undefined;
  const answered: Question[] = [];
  for (const question of questions) {
    answered.push({ ...question, answer: isAsked ? await answer(context, question.sql) : null });
  }
  return answered;
}

async function answer(context: CommandContext, sql: string): Promise<Answer> {
  try {
    const limits = { mostRows: READ_ROWS, statementTimeoutMs: TIMEOUT_MS };
    const { columns, rows } = await readAnswer(await context.warehouse(), sql, limits);
    // Answers over time begin with the oldest; the newest are of interest.
    const shown = columns[0] === 'year' ? rows.slice(-SHOWN_ROWS) : rows.slice(0, SHOWN_ROWS);
    return { columns, rows: shown, isCut: rows.length > shown.length, fault: null };
  } catch (error) {
    if (context.interrupted.aborted) throw error;
    return { columns: [], rows: [], isCut: false, fault: describeError(error).message };
  }
}
