import type { EChartsCoreOption } from 'echarts/core';
import type { Answer } from '../../report-data.ts';
import { type ChartColours, categoryAxes } from '../chart.tsx';

/** How the answer of a question is drawn. A ranking has horizontal bars and shows the first categories alone. */
export interface QuestionChart {
  readonly kind: 'line' | 'bar' | 'ranking';
  /** What the chart shows, for people who do not see it. */
  readonly label: string;
  /** Columns whose values name a category. */
  readonly category: readonly string[];
  /** Columns that are drawn; each is a series, or one is split by the values of column `by`. */
  readonly values: readonly string[];
  readonly by?: string;
  readonly unit: string;
}

/** The categories of a ranking. */
const RANKED = 12;

/** The chart of each question by its number in docs/questions.md. */
export const QUESTION_CHARTS: Readonly<Record<number, QuestionChart>> = {
  1: {
    kind: 'line',
    label: 'Sales of each month, a line for each currency',
    category: ['year', 'month'],
    values: ['amount'],
    by: 'currency_code',
    unit: 'in the currency',
  },
  2: {
    kind: 'ranking',
    label: 'Sales of members of staff, a bar for each currency',
    category: ['first_name', 'last_name'],
    values: ['amount'],
    by: 'currency_code',
    unit: 'sales in the currency',
  },
  3: {
    kind: 'bar',
    label: 'Units of the three best designs of each quarter',
    category: ['year', 'quarter'],
    values: ['units'],
    by: 'rank',
    unit: 'units',
  },
  4: {
    kind: 'ranking',
    label: 'Deliveries to each country, all days of the week together',
    category: ['country'],
    values: ['deliveries'],
    unit: 'deliveries',
  },
  5: {
    kind: 'line',
    label: 'Days until the agreed delivery by quarter: the average, and the days of nine in ten orders',
    category: ['year', 'quarter'],
    values: ['average_days', 'days_of_nine_in_ten'],
    unit: 'days',
  },
  6: {
    kind: 'ranking',
    label: 'Share of suppliers in the purchases of a currency, in percent',
    category: ['counterparty_legal_name'],
    values: ['percent'],
    by: 'currency_code',
    unit: '% of the purchases in the currency',
  },
  7: {
    kind: 'ranking',
    label: 'Overdue amounts of customers, a bar for each currency',
    category: ['counterparty_legal_name'],
    values: ['amount'],
    by: 'currency_code',
    unit: 'overdue in the currency',
  },
  8: {
    kind: 'line',
    label: 'Money in less money out of each month, a line for each currency',
    category: ['year', 'month'],
    values: ['net'],
    by: 'currency_code',
    unit: 'net, in the currency',
  },
  9: {
    kind: 'ranking',
    label: 'Versions of the orders with the most edits',
    category: ['sales_order_id'],
    values: ['versions'],
    unit: 'versions',
  },
  10: {
    kind: 'ranking',
    label: 'Changes of each column',
    category: ['column_name'],
    values: ['changes'],
    unit: 'changes',
  },
  11: {
    kind: 'ranking',
    label: 'Days by which deliveries were postponed, by order',
    category: ['sales_order_id'],
    values: ['days_later'],
    unit: 'days later',
  },
  12: {
    kind: 'ranking',
    label: 'Last amounts of deleted orders, by order',
    category: ['sales_order_id'],
    values: ['amount'],
    by: 'currency_code',
    unit: 'in the currency',
  },
};

/** Returns the names of the categories of a chart, each once, in the order of the answer. */
export function categoriesOf({ kind, category }: QuestionChart, { columns, rows }: Answer): string[] {
  const places = category.map((name) => columns.indexOf(name));
  const names = [...new Set(rows.map((row) => nameCategory(category, places, row)))];
  return kind === 'ranking' ? names.slice(0, RANKED) : names;
}

/** Returns the options of a chart. Rows of the same category and series are added up. */
export function drawAnswer(chart: QuestionChart, answer: Answer, colours: ChartColours): EChartsCoreOption {
  const { kind, unit } = chart;
  const categories = categoriesOf(chart, answer);
  return {
    ...categoryAxes(colours, { categories, unit, isRanking: kind === 'ranking' }),
    series: [...seriesOf(chart, answer)].map(([name, sums], index) => ({
      name,
      type: kind === 'line' ? 'line' : 'bar',
      symbolSize: 4,
      barMaxWidth: 16,
      color: colours.series[index % colours.series.length],
      data: categories.map((category) => sums.get(category) ?? null),
    })),
  };
}

function seriesOf({ category, values, by }: QuestionChart, { columns, rows }: Answer) {
  const place = (name: string) => columns.indexOf(name);
  const categoryPlaces = category.map(place);
  const series = new Map<string, Map<string, number>>();
  for (const row of rows) {
    for (const value of values) {
      const name = by === undefined ? spell(value) : nameSeries(by, row[place(by)] ?? 'none');
      const sums = series.get(name) ?? new Map<string, number>();
      series.set(name, sums);
      const at = nameCategory(category, categoryPlaces, row);
      sums.set(at, (sums.get(at) ?? 0) + Number(row[place(value)] ?? 0));
    }
  }
  return series;
}

const spell = (column: string) => column.replaceAll('_', ' ');

const nameSeries = (column: string, value: string) => (column === 'rank' ? `rank ${value}` : value);

function nameCategory(names: readonly string[], places: readonly number[], row: readonly (string | null)[]): string {
  const values = places.map((place) => row[place] ?? 'none');
  if (names[1] === 'month') return `${values[0]}-${values[1]!.padStart(2, '0')}`;
  return names[1] === 'quarter' ? `${values[0]} Q${values[1]}` : values.join(' ');
}
