import { useMemo, useState } from 'preact/hooks';
import type { Answer, Question, ReportData } from '../../report-data.ts';
import { Chart, type ChartColours } from '../chart.tsx';
import { countOf } from '../format.ts';
import { Wide } from '../wide.tsx';
import { categoriesOf, drawAnswer, QUESTION_CHARTS } from './question-charts.ts';
import type { ViewProps } from './view.ts';

/** The height of a chart over time, and of what a ranking needs beside its bars and for each of them: pixels. */
const [HEIGHT, RANKING, BAR] = [260, 90, 26];

/** The questions about the business, each with its chart, its rows and its query. */
export function QuestionsView({ data }: ViewProps) {
  return (
    <>
      <Introduction data={data} />
      <div class="cards">
        {data.questions.map((question) => (
          <Card key={question.number} question={question} />
        ))}
      </div>
    </>
  );
}

function Introduction({ data: { showsValues, questions } }: { readonly data: ReportData }) {
  if (questions.some(({ answer }) => answer !== null))
    return (
      <p class="note">
        As of the newest batch in the warehouse. The queries are also in docs/questions.md: copy one to change its
        period.
      </p>
    );
  return (
    <p>
      {showsValues
        ? 'The questions were not asked, because the report has no warehouse. To ask them, run:'
        : 'The answers are hidden: they contain values of rows, which may be personal data. To show them, run:'}{' '}
      <code>totesys report --out FILE --warehouse URL --show-values</code>
    </p>
  );
}

function Card({ question: { number, title, about, sql, answer } }: { readonly question: Question }) {
  return (
    <article class="card" id={`question-${number}`}>
      <h2>
        {number}. {title}
      </h2>
      {about !== '' && <p class="note">{withCode(about)}</p>}
      {answer !== null && <AnswerView number={number} title={title} answer={answer} />}
      <details>
        <summary>
          Query <span class="hidden">of question {number}</span>
        </summary>
        <Wide label={`Query of question ${number}`}>
          <pre>
            <code>{sql};</code>
          </pre>
        </Wide>
      </details>
    </article>
  );
}

function AnswerView({ number, title, answer }: { number: number; title: string; answer: Answer }) {
  const chart = QUESTION_CHARTS[number];
  const text = JSON.stringify(answer);
  // A live page gets equal answers as new objects, and drawing is slow.
  const option = useMemo(() => (colours: ChartColours) => (chart ? drawAnswer(chart, answer, colours) : {}), [text]);
  if (answer.fault !== null) return <p class="fault">The query failed: {answer.fault}</p>;
  if (answer.rows.length === 0) return <p>No row: the warehouse has no such data.</p>;
  const height = chart?.kind === 'ranking' ? RANKING + BAR * categoriesOf(chart, answer).length : HEIGHT;
  return (
    <>
      {chart && <Chart label={`${title} ${chart.label}.`} option={option} height={height} />}
      <Rows number={number} title={title} answer={answer} />
    </>
  );
}

// Twelve long tables would make the page slow, so that a table is drawn when it is opened.
function Rows({ number, title, answer: { columns, rows, isCut } }: { number: number; title: string; answer: Answer }) {
  const [isOpen, setOpen] = useState(false);
  const numeric = columns.map((_, index) => rows.every((row) => /^(-?\d+(\.\d+)?)?$/.test(row[index] ?? '')));
  const count = isCut ? `${countOf(rows.length, 'row')} of more` : countOf(rows.length, 'row');
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Table, {count} <span class="hidden">of question {number}</span>
      </summary>
      {isOpen && (
        <Wide label={`Answer of question ${number}`}>
          <table>
            <caption>{title}</caption>
            <thead>
              <tr>
                {columns.map((name, index) => (
                  <th key={name} class={numeric[index] ? 'number' : undefined}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.join()}>
                  {row.map((value, index) => (
                    <td key={columns[index]} class={numeric[index] ? 'number' : undefined}>
                      {value ?? '–'}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </details>
  );
}

// The page of the questions is Markdown, of which the introductions use nothing but code.
function withCode(text: string) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part));
}
