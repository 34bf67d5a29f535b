import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';

/** The names of all that an account has which our Terraform can make, by what it is. */
export async function listResources(): Promise<Record<string, (string | undefined)[]>> {
  const cloudWatch = new CloudWatchClient({});
  const [functions, buckets, queues, roles, rules, topics, alarms, dashboards, logGroups] = await Promise.all([
    new LambdaClient({}).send(new ListFunctionsCommand({})),
    new S3Client({}).send(new ListBucketsCommand({})),
    new SQSClient({}).send(new ListQueuesCommand({})),
    new IAMClient({}).send(new ListRolesCommand({})),
    new EventBridgeClient({}).send(new ListRulesCommand({})),
    new SNSClient({}).send(new ListTopicsCommand({})),
    cloudWatch.send(new DescribeAlarmsCommand({})),
    cloudWatch.send(new ListDashboardsCommand({})),
    new CloudWatchLogsClient({}).send(new DescribeLogGroupsCommand({})),
  ]);
  return {
    functions: functions.Functions?.map(({ FunctionName }) => FunctionName) ?? [],
    buckets: buckets.Buckets?.map(({ Name }) => Name) ?? [],
    queues: queues.QueueUrls ?? [],
    roles: roles.Roles?.map(({ RoleName }) => RoleName) ?? [],
    rules: rules.Rules?.map(({ Name }) => Name) ?? [],
    topics: topics.Topics?.map(({ TopicArn }) => TopicArn) ?? [],
    alarms: alarms.MetricAlarms?.map(({ AlarmName }) => AlarmName) ?? [],
    dashboards: dashboards.DashboardEntries?.map(({ DashboardName }) => DashboardName) ?? [],
    logGroups: logGroups.logGroups?.map(({ logGroupName }) => logGroupName) ?? [],
  };
}
