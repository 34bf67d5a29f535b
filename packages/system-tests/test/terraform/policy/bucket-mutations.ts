import { edit, inBucketPolicy, type Mutation, remove } from './mutation.ts';

/** One change for each thing that the rules promise of the buckets. */
export const BUCKET_MUTATIONS: readonly Mutation[] = [
  {
    name: 'a bucket answers plain HTTP',
    rule: 'a bucket refuses plain HTTP',
    mutate: inBucketPolicy('"aws:SecureTransport": "false"', '"aws:SecureTransport": "true"'),
  },
  {
    name: 'a bucket lets objects be overwritten',
    rule: 'a bucket refuses to overwrite',
    mutate: inBucketPolicy('s3:if-none-match', 's3:x-amz-acl'),
  },
  {
    name: 'a bucket allows public access',
    rule: 'a bucket policy lets nobody in',
    mutate: inBucketPolicy('"Effect": "Deny"', '"Effect": "Allow"'),
  },
  {
    name: 'a bucket may be public',
    rule: 'a bucket is not public',
    mutate: edit('aws_s3_bucket_public_access_block', (values) => {
      values.restrict_public_buckets = false;
    }),
  },
  {
    name: 'a bucket is not encrypted',
    rule: 'a bucket is encrypted',
    mutate: remove('aws_s3_bucket_server_side_encryption_configuration'),
  },
  { name: 'a bucket keeps no versions', rule: 'a bucket keeps versions', mutate: remove('aws_s3_bucket_versioning') },
  {
    name: 'a committed object expires',
    rule: 'no committed object expires',
    mutate: edit('aws_s3_bucket_lifecycle_configuration', (values) => {
      for (const rule of values.rule) for (const block of rule.expiration ?? []) block.days = 365;
    }),
  },
  {
    name: 'a bucket goes',
    rule: 'there are two buckets',
    mutate: remove('aws_s3_bucket'),
  },
  {
    name: 'a bucket has ACLs',
    rule: 'a bucket has no ACLs',
    mutate: edit('aws_s3_bucket_ownership_controls', (values) => {
      values.rule[0].object_ownership = 'ObjectWriter';
    }),
  },
  {
    name: 'abandoned uploads stay',
    rule: 'abandoned uploads are forgotten',
    mutate: editLifecycle((rule) => {
      rule.abort_incomplete_multipart_upload = [];
    }),
  },
  {
    name: 'a committed object moves to another class',
    rule: 'no committed object moves',
    mutate: editLifecycle((rule) => {
      rule.transition = [{ days: 30, storage_class: 'GLACIER' }];
    }),
  },
  {
    name: 'deleted objects are lost within days',
    rule: 'what was deleted can be restored',
    mutate: editLifecycle((rule) => {
      for (const block of rule.noncurrent_version_expiration ?? []) block.noncurrent_days = 7;
    }),
  },
  {
    name: 'what was deleted is kept for ever',
    rule: 'what was deleted is forgotten in the end',
    mutate: editLifecycle((rule) => {
      rule.noncurrent_version_expiration = [];
    }),
  },
  {
    name: 'expired delete markers accumulate',
    rule: 'what was deleted is forgotten in the end',
    mutate: editLifecycle((rule) => {
      rule.expiration = [];
    }),
  },
];

// biome-ignore lint/suspicious/noExplicitAny: as the provider has it.
function editLifecycle(change: (rule: any) => void): Mutation['mutate'] {
  return edit('aws_s3_bucket_lifecycle_configuration', (values) => {
    for (const rule of values.rule) change(rule);
  });
}
