import postgres from 'postgres';
import {
  consoleTelemetry,
  ErrorCode,
  lambdaHandler,
  lambdaTelemetry,
  METRICS,
  PipelineError,
  withoutUrls,
} from '../../src/index.ts';

const URL_WITH_PASSWORD = 'postgres://user:hunter2@host:5432/database?sslmode=require';

/** What goes to stdout and stderr (or only to `streams`) while `work` runs, as parsed lines. */
async function printed(
  work: () => unknown,
  streams = [process.stdout, process.stderr],
): Promise<Record<string, unknown>[]> {
  let text = '';
  const restore = streams.map((stream) => {
    const write = stream.write;
    stream.write = ((chunk: string | Uint8Array) => {
      text += chunk.toString();
      return true;
    }) as typeof stream.write;
    return () => {
      stream.write = write;
    };
  });
  try {
    await work();
  } finally {
    for (const each of restore) each();
  }
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('lambdaTelemetry', () => {
  test('logs events as JSON with the stage', async () => {
    const lines = await printed(() =>
      lambdaTelemetry({ stage: 'ingest', version: 'abc' }).info('manifest:written', { batch: 42, fence: 7n }),
    );
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'INFO',
        service: 'ingest',
        stage: 'ingest',
        message: 'manifest:written',
        batch: 42,
        fence: '7',
        version: 'abc',
      }),
    ]);
  });

  test('publishes its metrics in embedded metric format when flushed, and nothing where there are none', async () => {
    const telemetry = lambdaTelemetry({ stage: 'load' });
    const lines = await printed(() => {
      telemetry.flush();
      telemetry.metric('RowsLoaded', 3);
      telemetry.metric('OldestUnloadedSeconds', 61.5);
      telemetry.flush();
      telemetry.flush();
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      service: 'load',
      RowsLoaded: 3,
      OldestUnloadedSeconds: 61.5,
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Totesys',
            Dimensions: [['service']],
            Metrics: [
              { Name: 'RowsLoaded', Unit: 'Count' },
              { Name: 'OldestUnloadedSeconds', Unit: 'Seconds' },
            ],
          },
        ],
      },
    });
  });

  test('takes no metric that is not declared for its stage', async () => {
    const telemetry = lambdaTelemetry({ stage: 'load', namespace: 'Totesys/dev' });
    const lines = await printed(() => {
      // @ts-expect-error RowsRead is ingest's.
      expect(() => telemetry.metric('RowsRead', 1)).toThrow();
      telemetry.metric('RowsLoaded', 1);
      telemetry.flush();
    });
    expect(lines).toEqual([expect.objectContaining({ RowsLoaded: 1 })]);
    expect(JSON.stringify(lines)).toContain('"Namespace":"Totesys/dev"');
  });

  test('puts the batch at work on every line, and forgets it when the next run begins', async () => {
    const lines = await printed(() => {
      const telemetry = lambdaTelemetry({ stage: 'ingest' });
      telemetry.begin({ requestId: 'r-1' });
      telemetry.about({ batch: 42, url: URL_WITH_PASSWORD });
      telemetry.warn('table:layout-changed', { table: 'staff' });
      telemetry.begin({ requestId: 'r-2' });
      telemetry.info('stage:done');
    });
    expect(lines).toEqual([
      expect.objectContaining({ requestId: 'r-1', batch: 42, table: 'staff', url: 'postgres://…' }),
      expect.not.objectContaining({ batch: 42 }),
    ]);
    expect(lines[1]).toMatchObject({ requestId: 'r-2', stage: 'ingest' });
  });

  test('logs an error with code, context, stack and cause, and no connection URL anywhere', async () => {
    const error = new PipelineError(ErrorCode.QUERY_FAILED, `cannot use ${URL_WITH_PASSWORD}`, {
      context: { table: 'orders', tried: [URL_WITH_PASSWORD] },
      cause: new Error(`from ${URL_WITH_PASSWORD}`),
    });
    const lines = await printed(() =>
      lambdaTelemetry({ stage: 'load' }).error('stage:failed', error, { url: URL_WITH_PASSWORD }),
    );
    expect(lines[0]).toMatchObject({
      level: 'ERROR',
      message: 'stage:failed',
      error: {
        name: 'PipelineError',
        code: 'QUERY_FAILED',
        message: 'cannot use postgres://…',
        context: { table: 'orders' },
        stack: expect.stringContaining('telemetry.test'),
        cause: { message: 'from postgres://…' },
      },
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('consoleTelemetry', () => {
  test('writes lines for people, and JSON lines', () => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    consoleTelemetry({ json: false, write }).warn('column:new', { table: 'staff', url: URL_WITH_PASSWORD });
    consoleTelemetry({ json: false, write }).error('stage:failed', new PipelineError(ErrorCode.TIMED_OUT, 'too late'));
    consoleTelemetry({ json: true, write }).info('manifest:written', { batch: 1 });
    expect(lines.slice(0, 2)).toEqual([
      'warning: column:new table=staff url=postgres://…\n',
      'error: stage:failed: too late code=TIMED_OUT\n',
    ]);
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ level: 'info', event: 'manifest:written', batch: 1 });
  });

  test('writes to stderr and leaves stdout to the command', async () => {
    let onStderr: Record<string, unknown>[] = [];
    const onStdout = await printed(async () => {
      onStderr = await printed(() => consoleTelemetry({ json: true }).info('batch:read'), [process.stderr]);
    }, [process.stdout]);
    expect(onStdout).toEqual([]);
    expect(onStderr).toEqual([expect.objectContaining({ event: 'batch:read' })]);
  });
});

describe('lambdaHandler', () => {
  const parse = (event: unknown) => {
    if (typeof event !== 'number') throw new PipelineError(ErrorCode.EVENT_UNREADABLE, 'no number');
    return event;
  };
  const handlerOf = (run: (batch: number) => Promise<object>) =>
    lambdaHandler({
      telemetry: lambdaTelemetry({ stage: 'transform' }),
      parse,
      run: (batch, telemetry) => {
        telemetry.metric('RowsQuarantined', 5);
        return run(batch);
      },
    });

  test('logs the result once and flushes the metrics', async () => {
    const lines = await printed(async () => {
      expect(await handlerOf(async (batch) => ({ outcome: 'committed', batch }))(42)).toEqual({
        outcome: 'committed',
        batch: 42,
      });
    });
    expect(lines).toEqual([
      expect.objectContaining({ message: 'stage:done', result: { outcome: 'committed', batch: 42 } }),
      expect.objectContaining({ RowsQuarantined: 5 }),
    ]);
  });

  test('logs a failure once, flushes the metrics and throws it on', async () => {
    const error = new PipelineError(ErrorCode.CHAIN_BROKEN, 'broken');
    const lines = await printed(async () => {
      await expect(handlerOf(() => Promise.reject(error))(42)).rejects.toBe(error);
    });
    expect(lines).toEqual([
      expect.objectContaining({ message: 'stage:failed', error: expect.objectContaining({ code: 'CHAIN_BROKEN' }) }),
      expect.objectContaining({ RowsQuarantined: 5 }),
    ]);
  });

  test('throws a database error on without the values of its row', async () => {
    const error = Object.assign(Object.create(postgres.PostgresError.prototype), {
      name: 'PostgresError',
      code: '23505',
      message: 'duplicate',
      detail: 'Key (name)=(hunter2)',
    });
    const lines = await printed(async () => {
      const thrown = await handlerOf(() => Promise.reject(error))(42).catch((error) => error);
      expect(thrown).toMatchObject({ name: 'PipelineError', code: 'QUERY_FAILED' });
      expect(JSON.stringify(thrown)).not.toContain('hunter2');
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  test('has what the event is about and the request on every line, and never the event', async () => {
    const handler = lambdaHandler({
      telemetry: lambdaTelemetry({ stage: 'transform' }),
      parse,
      about: (batch) => ({ wakeUp: { batch } }),
      run: async (_batch, telemetry, timeMs) => {
        telemetry.info('part:read');
        return { timeMs };
      },
    });
    const context = { awsRequestId: 'r-1', getRemainingTimeInMillis: () => 1234 };
    const lines = await printed(() => handler(42, context));
    const about = { requestId: 'r-1', wakeUp: { batch: 42 } };
    expect(lines).toEqual([
      expect.objectContaining({ message: 'part:read', ...about }),
      expect.objectContaining({ message: 'stage:done', result: { timeMs: 1234 }, ...about }),
    ]);
  });

  test('fails on an event that it does not understand', async () => {
    await printed(async () => {
      await expect(handlerOf(async () => ({}))('what')).rejects.toMatchObject({ code: 'EVENT_UNREADABLE' });
    });
  });
});

test('withoutUrls blots connection URLs out of any text', () => {
  expect(withoutUrls(`tried '${URL_WITH_PASSWORD}', then postgresql://a:b@c/d.`)).toBe(
    "tried 'postgres://…', then postgres://…",
  );
});

test('without hints there are at most thirteen streams of metrics, each with a sentence of its own', () => {
  const declared = Object.values(METRICS).flatMap((metrics) => Object.values(metrics));
  expect(declared.filter((metric) => !('isOfHints' in metric)).length).toBeLessThanOrEqual(13);
  for (const { text } of declared) expect(text).toMatch(/^.*\.$/);
  expect(new Set(declared.map(({ text }) => text)).size).toBe(declared.length);
});
