import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Effects } from './effects.ts';

/**
 * Starts a proxy between this process and the S3 endpoint of the environment, which records every request and injects
 * the planned fault. Clients that are made after this call use it.
 */
export async function watchBucket(effects: Effects): Promise<void> {
  const endpoint = new URL(process.env.AWS_ENDPOINT_URL ?? '');
  const server = createServer((asked, answer) => {
    forward(asked, answer, endpoint, effects).catch(() => answer.destroy());
  });
  // The proxy does not keep the process running after the stage.
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function forward(asked: IncomingMessage, answer: ServerResponse, endpoint: URL, effects: Effects): Promise<void> {
  const body = await buffer(asked);
  const fault = effects.record('request', labelOf(asked));
  if (fault === 'reset') return void asked.socket.destroy();
  if (fault === 'slow-down') return refuse(answer, 503, 'SlowDown');
  if (fault === 'internal-error') return refuse(answer, 500, 'InternalError');
  const forwarded = request(new URL(asked.url ?? '', endpoint), { method: asked.method, headers: asked.headers });
  forwarded.end(body);
  const [answered] = (await once(forwarded, 'response')) as [IncomingMessage];
  const content = await buffer(answered);
  if (fault === 'answer-lost') return void asked.socket.destroy();
  answer.writeHead(answered.statusCode ?? 500, answered.headers);
  if (fault !== 'truncated') return void answer.end(content);
  answer.write(content.subarray(0, content.length / 2), () => asked.socket.destroy());
}

function refuse(answer: ServerResponse, status: number, code: string): void {
  answer.writeHead(status, { 'content-type': 'application/xml' });
  answer.end(`<Error><Code>${code}</Code><Message>by the crash kit</Message></Error>`);
}

// The verb, the lake, and the table or prefix: lakes and names of parts differ from run to run.
function labelOf({ method, url = '' }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, 'http://bucket');
  const listed = searchParams.get('prefix');
  const key = listed ?? decodeURIComponent(pathname).replace(/\/batch_date=.*|\/[^/]*\.json$/, '/');
  return `${listed === null ? method : 'LIST'} ${key.replace(/^.*(?=(ingestion|processed)\/)/, '')}`;
}
