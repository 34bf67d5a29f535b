/** Who sends a command: the stages in Lambda, who deploys, or an operator with rights of their own. */
type Sender = 'stages' | 'deployment' | 'operator';

/**
 * Each command of the SDK that the code sends: the right that it needs (none for the caller's own identity), and who
 * sends it. A test holds the list to the code.
 */
export const COMMANDS: Readonly<Record<string, { readonly action?: string; readonly by: readonly Sender[] }>> = {
  ChangeMessageVisibilityCommand: { action: 'sqs:ChangeMessageVisibility', by: ['operator'] },
  DeleteMessageCommand: { action: 'sqs:DeleteMessage', by: ['operator'] },
  DeleteObjectCommand: { action: 's3:DeleteObject', by: ['operator'] },
  DescribeParametersCommand: { action: 'ssm:DescribeParameters', by: ['deployment'] },
  DescribeRuleCommand: { action: 'events:DescribeRule', by: ['operator'] },
  GetCallerIdentityCommand: { by: ['deployment'] },
  GetFunctionConfigurationCommand: { action: 'lambda:GetFunctionConfiguration', by: ['operator'] },
  GetMetricStatisticsCommand: { action: 'cloudwatch:GetMetricStatistics', by: ['operator'] },
  GetObjectCommand: { action: 's3:GetObject', by: ['stages'] },
  GetParameterCommand: { action: 'ssm:GetParameter', by: ['stages'] },
  HeadBucketCommand: { action: 's3:ListBucket', by: ['deployment'] },
  InvokeCommand: { action: 'lambda:InvokeFunction', by: ['deployment', 'operator'] },
  ListRuleNamesByTargetCommand: { action: 'events:ListRuleNamesByTarget', by: ['operator'] },
  ListObjectsV2Command: { action: 's3:ListBucket', by: ['stages'] },
  PutObjectCommand: { action: 's3:PutObject', by: ['stages'] },
  PutParameterCommand: { action: 'ssm:PutParameter', by: ['operator'] },
  ReceiveMessageCommand: { action: 'sqs:ReceiveMessage', by: ['operator'] },
};

/** The rights that commands of a sender need. */
export function actionsOf(sender: Sender): string[] {
  const sent = Object.values(COMMANDS).filter(({ by }) => by.includes(sender));
  return [...new Set(sent.flatMap(({ action }) => action ?? []))].sort();
}
