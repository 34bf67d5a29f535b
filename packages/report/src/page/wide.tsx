import type { ComponentChildren } from 'preact';

/** A table that may be wider than the window: it scrolls by itself, also with the keyboard. */
export function Wide({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll the table.
    <section class="wide" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
