import { countOf, formatCount, formatTime } from '../format.ts';
import { Wide } from '../wide.tsx';
import type { ViewProps } from './view.ts';

/** The rows in quarantine by table, column and reason, without values. */
export function QuarantineView({ data: { quarantine } }: ViewProps) {
  const { batch, rows, discarded, groups } = quarantine;
  return (
    <>
      <p>
        {rows === 0 ? 'No row is in quarantine' : `${countOf(rows, 'row')} in quarantine`} as of batch {batch}
        {discarded > 0 && `; ${countOf(discarded, 'row')} more discarded`}.
      </p>
      {groups.length > 0 && (
        <Wide label="Quarantined rows by reason">
          <table>
            <caption>By reason. Correct the rows in the source, and the next batch brings them.</caption>
            <thead>
              <tr>
                <th>table</th>
                <th>column</th>
                <th>reason</th>
                <th>rule</th>
                <th class="number">rows</th>
                <th class="number">since batch</th>
                <th>read at</th>
                <th>keys</th>
              </tr>
            </thead>
            <tbody>
              {groups.map((group) => (
                <tr key={`${group.table} ${group.column} ${group.reason} ${group.rule}`}>
                  <td>{group.table}</td>
                  <td>{group.column}</td>
                  <td>{group.reason}</td>
                  <td>{group.rule}</td>
                  <td class="number">{formatCount(group.rows)}</td>
                  <td class="number">{group.firstBatch}</td>
                  <td class="time">{formatTime(group.since)}</td>
                  <td>{group.keys}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </>
  );
}
