import type { PlaceState } from '../../report-data.ts';
import { countOf, formatCount, formatTime } from '../format.ts';
import type { ViewProps } from './view.ts';

const STAGES = { ingestion: 'ingest', processed: 'transform', warehouse: 'load' } as const;
const PLACES = { ingestion: 'Ingestion lake', processed: 'Processed lake', warehouse: 'Warehouse' } as const;

/** The way of the data: source tables, both lakes, the warehouse, with counts and ages. */
export function PathView({ data: { path } }: ViewProps) {
  return (
    <ol class="path">
      <li class="place">
        <h2>Source</h2>
        <table>
          <thead>
            <tr>
              <th>table</th>
              <th class="number">rows</th>
              <th>not read yet</th>
            </tr>
          </thead>
          <tbody>
            {path.source.map(({ table, rows, coverage, unread }) => (
              <tr key={table}>
                <td>{table}</td>
                <td class="number">{formatCount(rows)}</td>
                <td>{coverage === 'full' ? describeUnread(unread) : `read ${coverage}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </li>
      {path.places.map((place) => (
        <Place key={place.place} {...place} />
      ))}
      <li class="place">
        <h2>Star schema</h2>
        <table>
          <thead>
            <tr>
              <th>table</th>
              <th class="number">rows, about</th>
            </tr>
          </thead>
          <tbody>
            {path.warehouse.map(({ table, rows }) => (
              <tr key={table}>
                <td>{table}</td>
                <td class="number">{formatCount(rows)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {path.warehouse.length === 0 && <p>The warehouse was not asked.</p>}
      </li>
    </ol>
  );
}

function Place({ place, newestBatch, sourceClock, waiting }: PlaceState) {
  return (
    <li class="place">
      <p class="stage">{STAGES[place]}</p>
      <h2>{PLACES[place]}</h2>
      <dl>
        <dt>newest batch</dt>
        <dd>{newestBatch === 0 ? 'none' : formatCount(newestBatch)}</dd>
        <dt>source as of</dt>
        <dd>{formatTime(sourceClock)}</dd>
        {waiting !== null && (
          <>
            <dt>waits for {place === 'ingestion' ? 'transform' : 'load'}</dt>
            <dd>
              {waiting.batches === 0
                ? 'nothing'
                : `${countOf(waiting.batches, 'batch')} with ${waiting.isLeast ? 'at least ' : ''}${countOf(waiting.rows, 'row')}`}
            </dd>
          </>
        )}
      </dl>
    </li>
  );
}

function describeUnread(
  unread: { readonly changed: number; readonly deleted: number; readonly isCovered: boolean } | null,
): string {
  if (unread === null) return 'not asked';
  const parts = [
    ...(unread.changed > 0 ? [`${formatCount(unread.changed)} changed`] : []),
    ...(unread.deleted > 0 ? [`${formatCount(unread.deleted)} deleted`] : []),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
