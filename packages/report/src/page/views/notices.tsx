import type { ViewProps } from './view.ts';

/** What waits and what has failed, each with the command that helps. */
export function NoticesView({ data: { notices } }: ViewProps) {
  if (notices.length === 0) return <p>Nothing waits, and nothing has failed.</p>;
  return (
    <ul class="notices">
      {notices.map(({ level, text, command }) => (
        <li key={text} class={level}>
          <span class="level">{level}</span> {text}
          {command !== null && (
            <p>
              Run: <code>{command}</code>
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
