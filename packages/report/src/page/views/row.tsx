import { useState } from 'preact/hooks';
import type { RowHistory, RowVersion } from '../../report-data.ts';
import { countOf, formatTime } from '../format.ts';
import { fetchJson } from '../use-data.ts';
import { Wide } from '../wide.tsx';
import type { ViewProps } from './view.ts';

/** The versions of a row, with what changed in each and where it comes from. */
export function RowView({ data, isLive }: ViewProps) {
  const [asked, setAsked] = useState<RowHistory>();
  const rows = [...(asked ? [asked] : []), ...data.rows];
  return (
    <>
      {isLive && <Question tables={data.path.source.map(({ table }) => table)} answer={setAsked} />}
      {rows.map((row) => (
        <History key={`${row.table} ${row.key}`} row={row} showsValues={data.showsValues} />
      ))}
      {rows.length === 0 && !isLive && (
        <p>
          This file has no row. To add the history of one, run:{' '}
          <code>totesys report --out FILE --row sales_order 3 --show-values</code>
        </p>
      )}
    </>
  );
}

function Question({ tables, answer }: { tables: readonly string[]; answer: (row: RowHistory | undefined) => void }) {
  const [table, setTable] = useState(tables.includes('sales_order') ? 'sales_order' : (tables[0] ?? ''));
  const [key, setKey] = useState('');
  const [state, setState] = useState('');
  const ask = async (event: Event) => {
    event.preventDefault();
    setState('Reading the lakes …');
    try {
      answer(await fetchJson<RowHistory>(`row.json?table=${encodeURIComponent(table)}&key=${encodeURIComponent(key)}`));
      setState('');
    } catch (error) {
      answer(undefined);
      setState((error as Error).message);
    }
  };
  return (
    <form onSubmit={ask}>
      <label>
        Table{' '}
        <select value={table} onChange={(event) => setTable(event.currentTarget.value)}>
          {tables.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>{' '}
      <label>
        Key{' '}
        <input
          inputMode="numeric"
          pattern="-?[0-9]+"
          required
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>{' '}
      <button type="submit">Show its history</button>
      <p role="status">{state}</p>
    </form>
  );
}

function History({ row, showsValues }: { readonly row: RowHistory; readonly showsValues: boolean }) {
  const tables = [...new Set(row.versions.map(({ table }) => table))];
  return (
    <section>
      <h2>
        {row.table} {row.key}
      </h2>
      {tables.length === 0 && <p>The lakes have no version of this row.</p>}
      {!showsValues && tables.length > 0 && (
        <p class="note">
          Values are hidden. To show them, run the command with --show-values: they may be personal data.
        </p>
      )}
      {tables.map((table) => (
        <Versions
          key={table}
          row={`${row.table} ${row.key}`}
          table={table}
          versions={row.versions.filter((version) => version.table === table)}
        />
      ))}
      {row.events.length > 0 && (
        <>
          <h3>What else happened to it</h3>
          <ul>
            {row.events.map(({ batch, text }) => (
              <li key={`${batch} ${text}`}>
                Batch {batch}: {text}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Versions({
  row,
  table,
  versions,
}: {
  readonly row: string;
  readonly table: string;
  readonly versions: readonly RowVersion[];
}) {
  const names = versions[0]?.columns.map(({ name }) => name) ?? [];
  return (
    <Wide label={`Versions of ${row} in ${table}`}>
      <table class="versions">
        <caption>
          {table}: {countOf(versions.length, 'version')}. Changed values are marked with ●.
        </caption>
        <thead>
          <tr>
            <th>column</th>
            {versions.map(({ number, batch, sourceClock, recordId, isCurrent }) => (
              <th key={number}>
                version {number}
                <small>
                  batch {batch}, read {formatTime(sourceClock)}
                  {recordId !== null && `, record ${recordId}`}
                  {isCurrent && ', current'}
                </small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name, index) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {versions.map(({ number, columns }) => (
                <Value key={number} column={columns[index]!} isFirst={number === 1} />
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">origin</th>
            {versions.map(({ number, objects }) => (
              <td key={number} class="origin">
                <ul>
                  {objects.map(({ what, key }) => (
                    <li key={what + key}>
                      {what}: <code>{key}</code>
                    </li>
                  ))}
                </ul>
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Wide>
  );
}

function Value({ column, isFirst }: { readonly column: RowVersion['columns'][number]; readonly isFirst: boolean }) {
  const isMarked = column.isChanged && !isFirst;
  const text = column.value === undefined ? '•••' : (column.value ?? 'null');
  return (
    <td class={isMarked ? 'changed' : undefined}>
      {isMarked && <span aria-hidden="true">● </span>}
      {isMarked && <span class="hidden">changed: </span>}
      {text}
    </td>
  );
}
