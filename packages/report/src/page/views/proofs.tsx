import { formatCount, formatTime } from '../format.ts';
import { Wide } from '../wide.tsx';
import type { ViewProps } from './view.ts';

/** The last proofs that the warehouse equals the source, the newest first. */
export function ProofsView({ data: { proofs } }: ViewProps) {
  if (proofs.length === 0)
    return (
      <p>
        No proof is recorded. To prove what is new and a slice of everything else, run: <code>totesys prove</code>
      </p>
    );
  return (
    <Wide label="Proofs">
      <table>
        <thead>
          <tr>
            <th>proved at</th>
            <th class="number">batch</th>
            <th>result</th>
            <th class="number">rows compared</th>
            <th class="number">rows differing</th>
            <th class="number">faults of history and lakes</th>
            <th>slice</th>
            <th>tables that differ</th>
          </tr>
        </thead>
        <tbody>
          {proofs.map(({ at, batch, ok, rows, differing, faults, slice, tables }) => (
            <tr key={at}>
              <td class="time">{formatTime(at)}</td>
              <td class="number">{batch}</td>
              <td class={ok ? 'good' : 'fault'}>{ok ? 'equal' : 'not equal'}</td>
              <td class="number">{formatCount(rows)}</td>
              <td class="number">{formatCount(differing)}</td>
              <td class="number">{formatCount(faults)}</td>
              <td>{slice}</td>
              <td>{tables.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
