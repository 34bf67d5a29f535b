import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';

/** One data point: the time that it carries, the time from which CloudWatch has it, and its value. Times in seconds. */
export interface Point {
  readonly at: number;
  readonly seenAt: number;
  readonly value: number;
}

/**
 * What CloudWatch reads beyond the evaluation periods, in periods; in AWS's example an alarm of three periods reads
 * five.
 */
const MORE_PERIODS = 2;
const MINUTE = 60;

/**
 * Returns the time at which an alarm goes off for these points, or undefined. A model of what AWS documents: an alarm
 * is evaluated each minute over a window
 * that slides with it (alarm-evaluation-window.html); it reads some periods more than it evaluates, prefers the newest
 * real points, and fills in missing ones
 * only where there are fewer than it evaluates (alarms-and-missing-data.html).
 */
export function findAlarmTime(alarm: MetricAlarm, points: readonly Point[], from: number, until: number) {
  for (let now = Math.ceil(from / MINUTE) * MINUTE; now <= until; now += MINUTE) {
    if (isInAlarm(alarm, points, now)) return now;
  }
  return undefined;
}

function isInAlarm(alarm: MetricAlarm, points: readonly Point[], now: number): boolean {
  const { Period = 0, EvaluationPeriods = 0, DatapointsToAlarm = EvaluationPeriods, TreatMissingData } = alarm;
  const real: number[] = [];
  for (let i = 0; i < EvaluationPeriods + MORE_PERIODS && real.length < EvaluationPeriods; i++) {
    const end = now - i * Period;
    const values = points
      .filter(({ at, seenAt }) => at >= end - Period && at < end && seenAt <= now)
      .map(({ value }) => value);
    if (values.length > 0) real.push(summarize(alarm, values));
  }
  const missing = EvaluationPeriods - real.length;
  const breaching = real.filter((value) => breaches(alarm, value)).length;
  return breaching + (TreatMissingData === 'breaching' ? missing : 0) >= DatapointsToAlarm;
}

function summarize({ Statistic }: MetricAlarm, values: readonly number[]): number {
  if (Statistic === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  if (Statistic === 'Maximum') return Math.max(...values);
  throw new Error(`the model knows no statistic ${Statistic}`);
}

function breaches({ ComparisonOperator, Threshold = 0 }: MetricAlarm, value: number): boolean {
  if (ComparisonOperator === 'GreaterThanThreshold') return value > Threshold;
  if (ComparisonOperator === 'LessThanThreshold') return value < Threshold;
  throw new Error(`the model knows no comparison ${ComparisonOperator}`);
}
