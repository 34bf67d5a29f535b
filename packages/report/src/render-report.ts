import { createHash } from 'node:crypto';
import type { ReportData } from './report-data.ts';

/** The bundled script and style of the page. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

/** Options of a page. */
export interface RenderOptions {
  /** Whether a server answers `data.json` and `row.json` beside the page. */
  readonly isLive: boolean;
}

/**
 * Returns the report as one HTML page that needs no other file. Its content security policy allows this script and this
 * style alone, and no network, except for its own server if it is live.
 */
export function renderReport(
  files: PageFiles,
  data: ReportData,
  { isLive }: RenderOptions = { isLive: false },
): string {
  // An end tag would end the element early.
  const script = files.script.replaceAll('</script', '<\\/script');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src-elem '${hashOf(files.style)}'`,
    // The charts position their tooltips with style attributes.
    "style-src-attr 'unsafe-inline'",
    `connect-src ${isLive ? "'self'" : "'none'"}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en"${isLive ? ' data-live' : ''}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>totesys: the pipeline</title>
<link rel="icon" href="data:,">
<style>${files.style}</style>
</head>
<body>
<div id="report"></div>
<noscript>This report draws its views with JavaScript. Allow it for this file.</noscript>
<script type="application/json" id="data">${jsonForHtml(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Returns JSON that can stand inside a script element: no text of it ends the element or begins a comment. */
export function jsonForHtml(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
