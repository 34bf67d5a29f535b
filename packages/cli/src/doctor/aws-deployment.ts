import { allowSlowAddresses, describeAwsFailure, ErrorCode, PipelineError } from '@totesys/runtime';
import type { DeployedSchedule, DeployedStage, ReadStage } from './deployed-stage.ts';

/** How long the SDK may take to connect, and a service to answer: milliseconds. */
const HANDLER = { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true };
/** The time whose runs are counted: seconds. */
const COUNTED_SECONDS = 3_600;

/** Opens the services of AWS. Loads the SDKs only here, so that other commands start faster. */
export async function openDeployment(now: () => number): Promise<ReadStage> {
  const lambdas = await import('@aws-sdk/client-lambda');
  const events = await import('@aws-sdk/client-eventbridge');
  const metrics = await import('@aws-sdk/client-cloudwatch');
  allowSlowAddresses();
  const lambda = new lambdas.LambdaClient({ requestHandler: HANDLER });
  const eventBridge = new events.EventBridgeClient({ requestHandler: HANDLER });
  const cloudWatch = new metrics.CloudWatchClient({ requestHandler: HANDLER });

  const readSchedules = async (arn: string): Promise<DeployedSchedule[]> => {
    const { RuleNames = [] } = await eventBridge
      .send(new events.ListRuleNamesByTargetCommand({ TargetArn: arn }))
      .catch(unusable('EventBridge', 'events:ListRuleNamesByTarget'));
    return await Promise.all(
      RuleNames.map(async (name) => {
        const rule = await eventBridge
          .send(new events.DescribeRuleCommand({ Name: name }))
          .catch(unusable('EventBridge', 'events:DescribeRule'));
        return { name, isEnabled: rule.State === 'ENABLED' };
      }),
    );
  };
  const sum = async (functionName: string, metric: string): Promise<number> => {
    const command = new metrics.GetMetricStatisticsCommand({
      Namespace: 'AWS/Lambda',
      MetricName: metric,
      Dimensions: [{ Name: 'FunctionName', Value: functionName }],
      StartTime: new Date(now() - COUNTED_SECONDS * 1000),
      EndTime: new Date(now()),
      Period: COUNTED_SECONDS,
      Statistics: ['Sum'],
    });
    const { Datapoints = [] } = await cloudWatch
      .send(command)
      .catch(unusable('CloudWatch', 'cloudwatch:GetMetricStatistics'));
    return Datapoints.reduce((total, point) => total + (point.Sum ?? 0), 0);
  };
  return async (functionName): Promise<DeployedStage> => {
    const found = await lambda
      .send(new lambdas.GetFunctionConfigurationCommand({ FunctionName: functionName }))
      .catch(unusable('Lambda', 'lambda:GetFunctionConfiguration'));
    return {
      functionName,
      state: found.State ?? 'unknown',
      lastUpdate: found.LastUpdateStatus ?? 'unknown',
      codeVersion: found.Environment?.Variables?.CODE_VERSION,
      schedules: await readSchedules(found.FunctionArn ?? ''),
      runs: await sum(functionName, 'Invocations'),
      failures: await sum(functionName, 'Errors'),
    };
  };
}

function unusable(service: string, right: string): (error: unknown) => never {
  return (error) => {
    const { said, cause } = describeAwsFailure(error, { service, right });
    throw new PipelineError(ErrorCode.CONNECTION_FAILED, `The deployment cannot be read: ${said}`, { cause });
  };
}
