import { createTestRole, populate, type TestRole } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import type { Check } from '../../src/doctor/check.ts';

/** A sound set-up of which one run has loaded everything. */
export interface SetUp {
  readonly pipeline: Pipeline;
  /** The role of the source, which may SELECT and nothing else. */
  readonly reader: TestRole;
  /** The environment variables that name the places. */
  readonly places: Record<string, string>;
}

/** Creates a sound set-up before each test of a suite, and removes it afterwards. */
export function eachSetUp(): SetUp {
  let pipeline: Pipeline;
  let reader: TestRole;
  beforeEach(async () => {
    pipeline = await createPipeline();
    await populate(pipeline.source.sql, { seed: 5, salesOrders: 30, purchaseOrders: 10 });
    await pipeline.run();
    reader = await createTestRole(pipeline.source, (name) => `grant select on all tables in schema public to ${name}`);
  });
  afterEach(async () => {
    await reader.drop();
    await pipeline.close();
  });
  return {
    get pipeline() {
      return pipeline;
    },
    get reader() {
      return reader;
    },
    get places() {
      return { ...pipeline.places, SOURCE_URL: reader.url };
    },
  };
}

/** Runs `totesys doctor`; each check is named `area: subject`. */
export async function examine(environment: Record<string, string>) {
  const { code, json, stdout } = await totesys(['doctor', '--json'], environment);
  const checks = json.checks as readonly Check[];
  const named = ({ area, subject }: Check) => `${area}: ${subject}`;
  const inState = (state: Check['state']) => checks.filter((check) => check.state === state).map(named);
  return {
    code,
    stdout,
    checks,
    faults: inState('fault'),
    warnings: inState('warning'),
    passed: inState('ok'),
    find: (name: string) => checks.find((check) => named(check) === name),
  };
}

/** Returns a URL with other parts. */
export function withUrl(text: string, parts: Partial<Pick<URL, 'port' | 'password' | 'search'>>): string {
  return Object.assign(new URL(text), parts).href;
}
