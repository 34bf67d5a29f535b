import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ReportData, type RowHistory, renderReport } from '@totesys/report';
import { describeError, PipelineError, withoutUrls } from '@totesys/runtime';
import { UsageError } from '../process/usage-error.ts';
import { keepFor } from './keep-for.ts';
import { readPageFiles } from './page-files.ts';

/** Only programs of this machine reach the server. */
const HOST = '127.0.0.1';
/** Answers younger than this are sent again: several pages cost as much as one. Milliseconds. */
const KEPT_MS = 2_000;

/** What the server asks for. */
export interface ReportSource {
  collect(): Promise<ReportData>;
  /** Throws a UsageError if there is no such table, or if the key is not a number. */
  row(table: string, key: string): Promise<RowHistory>;
}

/** A running server of the report. */
export interface ReportServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the live report on the loopback address. Port 0 is any free port. */
export async function serveReport(source: ReportSource, port: number): Promise<ReportServer> {
  const files = await readPageFiles();
  const collect = keepFor(KEPT_MS, () => source.collect());
  const server = createServer((request, response) => {
    answer(request, response, {
      '/': async () => html(renderReport(files, await collect(), { isLive: true })),
      '/data.json': async () => json(200, await collect()),
      '/row.json': async (query) => json(200, await source.row(query.get('table') ?? '', query.get('key') ?? '')),
    }).catch(() => response.destroy());
  });
  await listen(server, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${bound}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Answer = { readonly status: number; readonly type: string; readonly body: string };
type Routes = Readonly<Record<string, (query: URLSearchParams) => Promise<Answer>>>;

async function answer(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  const { status, type, body } = await route(request, routes).catch(describeFailure);
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function route({ method, headers, url }: IncomingMessage, routes: Routes): Promise<Answer> {
  // A page of another site can make a browser ask here under a name of its own: only this address is answered.
  if (!/^(127\.0\.0\.1|localhost):\d+$/.test(headers.host ?? '')) return refuse(403, 'The host name is not allowed.');
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'Only GET is allowed.');
  const { pathname, searchParams } = new URL(url ?? '/', `http://${HOST}`);
  const found = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
  return found ? found(searchParams) : refuse(404, 'There is no such page.');
}

function describeFailure(error: unknown): Answer {
  if (error instanceof UsageError) return refuse(400, error.message);
  const message = error instanceof PipelineError ? error.message : describeError(error).message;
  return refuse(503, withoutUrls(String(message)));
}

const html = (body: string): Answer => ({ status: 200, type: 'text/html', body });
const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});
const refuse = (status: number, message: string): Answer => json(status, { error: { message } });

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' ? ' It is in use. Choose another with --port, or 0 for any.' : '';
      reject(new UsageError(`The report cannot be served on port ${port}.${taken || ` ${error.message}`}`));
    });
    server.listen(port, HOST, resolve);
  });
}
