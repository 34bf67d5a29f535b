import { edit, inPolicyOf, type Mutation, one, remove } from './mutation.ts';
import type { Resource } from './state.ts';

/** One change for each thing that the rules promise of what a role may do, and who takes it. */
export const ROLE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'a role may do anything with S3',
    rule: 'no action has a wildcard',
    mutate: inPolicyOf('ingest', 's3:PutObject', 's3:*'),
  },
  {
    name: 'a role may read any bucket',
    rule: 'no resource has a wildcard',
    mutate: inPolicyOf('transform', /arn:aws:s3:::[a-z0-9-]+\/\*/, 'arn:aws:s3:::*/*'),
  },
  {
    name: 'a role may read everything',
    rule: 'no resource has a wildcard',
    mutate: inPolicyOf('load', /arn:aws:s3:::[a-z0-9-]+\/\*/, '*'),
  },
  {
    name: 'ingest may read the processed bucket',
    rule: 'a role has no other right',
    mutate: inPolicyOf('ingest', /-ingestion-(\d+-[a-z0-9-]+\/\*)/, '-processed-$1'),
  },
  {
    name: 'transform may read a URL',
    rule: 'a role has no other right',
    mutate: inPolicyOf('transform', 'sqs:SendMessage', 'ssm:GetParameter'),
  },
  {
    name: 'load may write',
    rule: 'a role has no other right',
    mutate: inPolicyOf('load', 's3:GetObject', 's3:PutObject'),
  },
  {
    name: 'load may read rows of the ingestion bucket',
    rule: 'a role has no other right',
    mutate: inPolicyOf('load', '/_manifests/*', '/*'),
  },
  {
    name: 'reconcile may write other objects than proofs',
    rule: 'a role has no other right',
    mutate: inPolicyOf('reconcile', '/_proofs/*', '/*'),
  },
  {
    name: 'ingest may not list',
    rule: 'a role has each right',
    mutate: inPolicyOf('ingest', 's3:ListBucket', 's3:GetBucketLocation'),
  },
  {
    name: 'another principal may assume a role',
    rule: 'Lambda alone takes a role',
    mutate: edit('aws_iam_role', (values) => {
      values.assume_role_policy = values.assume_role_policy.replace('lambda.amazonaws.com', 'ec2.amazonaws.com');
    }),
  },
  {
    name: 'a managed policy is attached',
    rule: 'rights are inline, one policy a role',
    mutate: (state) => {
      const policy = one(state, 'aws_iam_role_policy');
      (policy as { type: string }).type = 'aws_iam_role_policy_attachment';
    },
  },
  {
    name: 'a stage has no role',
    rule: 'each stage has a role',
    mutate: remove('aws_iam_role'),
  },
  {
    name: 'there is a role of nobody',
    rule: 'there is no other role',
    mutate: (state) => {
      (state.values.root_module.resources as Resource[]).push(structuredClone(one(state, 'aws_iam_role')));
    },
  },
  {
    name: 'a role lies where anybody makes roles',
    rule: 'a role lies below a path',
    mutate: edit('aws_iam_role', (values) => {
      values.path = '/';
    }),
  },
  {
    name: 'a statement does not say what it is for',
    rule: 'a statement has a sid',
    mutate: inPolicyOf('ingest', /"Sid": ?"[A-Za-z]+"/, '"Sid": ""'),
  },
];
