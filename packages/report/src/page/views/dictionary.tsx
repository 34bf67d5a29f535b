import { useState } from 'preact/hooks';
import { Wide } from '../wide.tsx';
import type { ViewProps } from './view.ts';

/** Every table and column of the warehouse, with the source column that it comes from. */
export function DictionaryView({ data: { dictionary } }: ViewProps) {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const tables = dictionary
    .map((table) => ({
      ...table,
      columns: table.columns.filter(
        ({ name, about, origin }) =>
          table.name.includes(wanted) || [name, about, origin].some((each) => each?.toLowerCase().includes(wanted)),
      ),
    }))
    .filter(({ columns }) => columns.length > 0);
  return (
    <>
      <p>
        <label>
          Search for a table, a column or a source column{' '}
          <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      </p>
      {tables.map(({ name, about, columns }) => (
        <section key={name}>
          <h2>{name}</h2>
          <p>{about}</p>
          <Wide label={`Columns of ${name}`}>
            <table>
              <thead>
                <tr>
                  <th>column</th>
                  <th>meaning</th>
                  <th>origin</th>
                </tr>
              </thead>
              <tbody>
                {columns.map((column) => (
                  <tr key={column.name}>
                    <td>
                      <code>{column.name}</code>
                    </td>
                    <td>{column.about}</td>
                    <td>{column.origin ?? ''}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        </section>
      ))}
      {tables.length === 0 && <p role="status">No table has it.</p>}
    </>
  );
}
