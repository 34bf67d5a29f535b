import { useMemo } from 'preact/hooks';
import { unpackBatches } from '../../batch-times.ts';
import { Chart, type ChartColours, timeAxes } from '../chart.tsx';
import { countOf, formatDuration, percentile } from '../format.ts';
import type { ViewProps } from './view.ts';

/** How long each batch took from the source's snapshot to the warehouse, against the promise. */
export function FreshnessView({ data: { batches, promiseSeconds } }: ViewProps) {
  const loaded = useMemo(
    () =>
      unpackBatches(batches).flatMap(({ loadedMs, readMs }) =>
        loadedMs === null ? [] : [[readMs, loadedMs - readMs] as const],
      ),
    [batches],
  );
  const option = useMemo(
    () => (colours: ChartColours) => ({
      ...timeAxes(colours, 'seconds'),
      series: [
        {
          name: 'from snapshot to warehouse',
          type: 'line',
          showSymbol: loaded.length < 100,
          sampling: 'lttb',
          color: colours.series[0],
          data: loaded.map(([readMs, ms]) => [readMs, ms / 1000]),
          markLine: {
            symbol: 'none',
            label: { formatter: 'promise', color: colours.text },
            lineStyle: { color: colours.series[3] },
            data: [{ yAxis: promiseSeconds }],
          },
        },
      ],
    }),
    [loaded, promiseSeconds],
  );
  if (loaded.length === 0) return <p>No batch is loaded, or the warehouse was not asked.</p>;
  const durations = loaded.map(([, ms]) => ms);
  const late = durations.filter((ms) => ms > promiseSeconds * 1000).length;
  return (
    <>
      <p>
        Of {countOf(durations.length, 'batch')}, half were in the warehouse {formatDuration(percentile(durations, 0.5))}{' '}
        after their snapshot of the source, and 99 of 100 after {formatDuration(percentile(durations, 0.99))}.{' '}
        {late === 0
          ? `All kept the promise of ${formatDuration(promiseSeconds * 1000)}.`
          : `${countOf(late, 'batch')} took longer than the promise of ${formatDuration(promiseSeconds * 1000)}.`}
      </p>
      <Chart label="Seconds from the snapshot of each batch until the warehouse had it, over time" option={option} />
      <p class="note">
        A change also waits for the next snapshot, at most the interval of ingest. Times come from the clocks of the
        source, the store and the warehouse, so a difference between these clocks is in the figures. A quiet source
        makes no batch.
      </p>
    </>
  );
}
