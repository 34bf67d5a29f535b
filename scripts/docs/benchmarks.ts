import { readFileSync } from 'node:fs';
import { goalsMarkdown } from '../../packages/bench/src/report/goals.ts';
import { betterPeers, resultMarkdown } from '../../packages/bench/src/report/markdown.ts';
import { type BenchResult, parseResult } from '../../packages/bench/src/report/result.ts';

/** Returns the generated sections of docs/benchmarks.md, from the results of the last measured runs beside it. */
export function renderBenchmarks(): Readonly<Record<string, string>> {
  const [stages, peers] = [readMeasured('stages'), readMeasured('peers')];
  return {
    goals: goalsMarkdown(stages, peers),
    stages: resultMarkdown(stages),
    peers: resultMarkdown(peers),
    'better-peers': betterPeers(peers),
  };
}

function readMeasured(kind: BenchResult['kind']): BenchResult {
  return parseResult(readFileSync(new URL(`../../docs/benchmarks/${kind}.json`, import.meta.url), 'utf8'));
}
