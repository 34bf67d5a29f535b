import { readFileSync } from 'node:fs';
import { goalsMarkdown } from '../../packages/bench/src/report/goals.ts';
import { betterPeers, resultMarkdown } from '../../packages/bench/src/report/markdown.ts';
import { type BenchResult, parseResult } from '../../packages/bench/src/report/result.ts';
import { renderDeployedFreshness } from './deployed-freshness.ts';

/** Returns the generated sections of docs/benchmarks.md, from the results of the last measured runs beside it. */
export function renderBenchmarks(): Readonly<Record<string, string>> {
  const [stages, peers, freshness] = [readMeasured('stages'), readMeasured('peers'), readMeasured('freshness')];
  return {
    goals: goalsMarkdown(stages, peers, freshness),
    stages: resultMarkdown(stages),
    peers: resultMarkdown(peers),
    'better-peers': betterPeers(peers),
    freshness: [resultMarkdown(freshness), ...withoutHints(freshness)].join('\n\n'),
    'better-freshness': betterPeers(freshness),
    'deployed-freshness': renderDeployedFreshness(stages),
    proof: resultMarkdown(readMeasured('proof')),
  };
}

function withoutHints({ measures }: BenchResult): string[] {
  return measures.some(({ name }) => name.includes('--hints')) ? [] : ['Not measured: freshness with change hints.'];
}

/** Returns the result of the last measured run of a kind. */
export function readMeasured(kind: BenchResult['kind']): BenchResult {
  return parseResult(readFileSync(new URL(`../../docs/benchmarks/${kind}.json`, import.meta.url), 'utf8'));
}
