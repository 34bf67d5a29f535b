import { useMemo, useState } from 'preact/hooks';
import { type BatchTimes, unpackBatches } from '../../batch-times.ts';
import type { BatchDetail } from '../../report-data.ts';
import { Chart, type ChartColours, timeAxes } from '../chart.tsx';
import { formatCount, formatDuration, formatTime } from '../format.ts';
import { Wide } from '../wide.tsx';
import type { ViewProps } from './view.ts';

/** The rows of one page of the table: a table of all batches would make the browser slow. */
const PAGE_ROWS = 100;

const STAGES = [
  { name: 'ingest', from: 'readMs', to: 'ingestedMs' },
  { name: 'transform', from: 'ingestedMs', to: 'transformedMs' },
  { name: 'load', from: 'transformedMs', to: 'loadedMs' },
] as const;

type Stage = (typeof STAGES)[number];

/** Rows and durations of every batch, by stage, the newest first. */
export function BatchesView({ data: { batches, details } }: ViewProps) {
  const all = useMemo(() => unpackBatches(batches).reverse(), [batches]);
  const durations = useMemo(() => (colours: ChartColours) => durationsOf(all, colours), [all]);
  const rows = useMemo(() => (colours: ChartColours) => rowsOf(all, colours), [all]);
  const [page, setPage] = useState(0);
  if (all.length === 0) return <p>There is no batch yet.</p>;
  const pages = Math.ceil(all.length / PAGE_ROWS);
  const shown = all.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS);
  return (
    <>
      <Chart label="Seconds of each stage for each batch, including the wait for the stage" option={durations} />
      <Chart label="Rows that each batch brought into the star schema" option={rows} height={220} />
      <Pages page={page} pages={pages} setPage={setPage} />
      <Wide label="Batches">
        <table>
          <caption>
            Batches {shown.at(-1)!.batch} to {shown[0]!.batch}. A duration includes the wait for the stage.
          </caption>
          <thead>
            <tr>
              <th class="number">batch</th>
              <th>read at</th>
              {STAGES.map(({ name }) => (
                <th key={name} class="number">
                  {name}
                </th>
              ))}
              <th class="number">rows loaded</th>
              <th>changes by table</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((batch) => (
              <tr key={batch.batch}>
                <td class="number">{batch.batch}</td>
                <td class="time">{formatTime(batch.readMs)}</td>
                {STAGES.map((stage) => (
                  <td key={stage.name} class="number">
                    {formatDuration(durationOf(batch, stage))}
                  </td>
                ))}
                <td class="number">{formatCount(batch.rows)}</td>
                <td>{describeDetail(details.find((detail) => detail.batch === batch.batch))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

function Pages({ page, pages, setPage }: { page: number; pages: number; setPage: (page: number) => void }) {
  if (pages < 2) return null;
  return (
    <fieldset class="pages">
      <legend>
        Page {page + 1} of {formatCount(pages)}
      </legend>
      <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
        Newer batches
      </button>
      <button type="button" disabled={page === pages - 1} onClick={() => setPage(page + 1)}>
        Older batches
      </button>
    </fieldset>
  );
}

function durationOf(batch: BatchTimes, { from, to }: Stage): number | null {
  const [start, end] = [batch[from], batch[to]];
  return start === null || end === null ? null : Math.max(0, end - start);
}

function durationsOf(batches: readonly BatchTimes[], colours: ChartColours) {
  return {
    ...timeAxes(colours, 'seconds'),
    series: STAGES.map((stage, index) => ({
      name: stage.name,
      type: 'line',
      showSymbol: batches.length < 100,
      sampling: 'lttb',
      color: colours.series[index],
      data: batches.map((batch) => [batch.readMs, (durationOf(batch, stage) ?? Number.NaN) / 1000]),
    })),
  };
}

function rowsOf(batches: readonly BatchTimes[], colours: ChartColours) {
  return {
    ...timeAxes(colours, 'rows'),
    series: [
      {
        name: 'rows loaded',
        type: 'bar',
        large: true,
        barMaxWidth: 12,
        sampling: 'max',
        color: colours.series[0],
        data: batches.map(({ readMs, rows }) => [readMs, rows]),
      },
    ],
  };
}

function describeDetail(detail: BatchDetail | undefined): string {
  if (!detail) return '';
  const tables = detail.tables.map(({ table, changed, deleted, quarantined }) => {
    const parts = [
      ...(changed > 0 ? [`${formatCount(changed)} changed`] : []),
      ...(deleted > 0 ? [`${formatCount(deleted)} deleted`] : []),
      ...(quarantined > 0 ? [`${formatCount(quarantined)} faults in quarantine`] : []),
    ];
    return `${table}: ${parts.join(', ')}`;
  });
  const requests = detail.requests.length > 0 ? [`answers the requests ${detail.requests.join(', ')}`] : [];
  return [...tables, ...requests].join('; ');
}
