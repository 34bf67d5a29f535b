import { isDeepStrictEqual } from 'node:util';
import { type Fault, type Resource, resourcesOf, type State, type Statement, statementsOf } from './state.ts';

/** What is wrong with the buckets: who could read, overwrite or lose what is in them. */
export function* findBucketFaults(state: State): Generator<Fault> {
  const buckets = resourcesOf(state, 'aws_s3_bucket');
  if (buckets.length !== 2) yield { rule: 'there are two buckets', where: String(buckets.length) };
  for (const bucket of buckets) {
    const part = (type: string) =>
      resourcesOf(state, type).find(({ values }) => values.bucket === bucket.values.bucket);
    yield* findAccessFaults(bucket, part('aws_s3_bucket_public_access_block'), part('aws_s3_bucket_policy'));
    const encryption = part('aws_s3_bucket_server_side_encryption_configuration')?.values.rule[0];
    if (encryption?.apply_server_side_encryption_by_default[0].sse_algorithm !== 'AES256') {
      yield { rule: 'a bucket is encrypted', where: bucket.address };
    }
    if (part('aws_s3_bucket_versioning')?.values.versioning_configuration[0].status !== 'Enabled') {
      yield { rule: 'a bucket keeps versions', where: bucket.address };
    }
    if (part('aws_s3_bucket_ownership_controls')?.values.rule[0].object_ownership !== 'BucketOwnerEnforced') {
      yield { rule: 'a bucket has no ACLs', where: bucket.address };
    }
    yield* findLifecycleFaults(bucket, part('aws_s3_bucket_lifecycle_configuration'));
  }
}

function* findAccessFaults(bucket: Resource, block?: Resource, policy?: Resource): Generator<Fault> {
  for (const setting of ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets']) {
    if (block?.values[setting] !== true)
      yield { rule: 'a bucket is not public', where: `${bucket.address}: ${setting}` };
  }
  const statements = policy ? statementsOf(policy.values.policy) : [];
  if (statements.some(({ effect }) => effect !== 'Deny'))
    yield { rule: 'a bucket policy lets nobody in', where: bucket.address };
  const { arn } = bucket.values;
  const denies = (action: string, resource: string, condition: Statement['condition']) =>
    statements.some(
      (statement) =>
        statement.effect === 'Deny' &&
        statement.actions.includes(action) &&
        statement.resources.includes(resource) &&
        isDeepStrictEqual(statement.condition, condition),
    );
  const withoutTls = { Bool: { 'aws:SecureTransport': 'false' } };
  if (!denies('s3:*', arn, withoutTls) || !denies('s3:*', `${arn}/*`, withoutTls)) {
    yield { rule: 'a bucket refuses plain HTTP', where: bucket.address };
  }
  const unconditional = { Bool: { 's3:ObjectCreationOperation': 'true' }, Null: { 's3:if-none-match': 'true' } };
  if (!denies('s3:PutObject', `${arn}/*`, unconditional))
    yield { rule: 'a bucket refuses to overwrite', where: bucket.address };
}

function* findLifecycleFaults(bucket: Resource, lifecycle?: Resource): Generator<Fault> {
  const rules = (lifecycle?.values.rule ?? []).filter(({ status }: { status: string }) => status === 'Enabled');
  // biome-ignore lint/suspicious/noExplicitAny: as the provider has it.
  const every = (block: string) => rules.flatMap((rule: any) => rule[block] ?? []);
  if (
    !every('abort_incomplete_multipart_upload').some(
      (block: { days_after_initiation: number }) => block.days_after_initiation > 0,
    )
  ) {
    yield { rule: 'abandoned uploads are forgotten', where: bucket.address };
  }
  for (const { days, date } of every('expiration')) {
    if (days || date) yield { rule: 'no committed object expires', where: bucket.address };
  }
  if (every('transition').length > 0) yield { rule: 'no committed object moves', where: bucket.address };
  const markers = every('expiration').filter(
    (block: { expired_object_delete_marker?: boolean }) => block.expired_object_delete_marker,
  );
  if (every('noncurrent_version_expiration').length === 0 || markers.length === 0)
    yield { rule: 'what was deleted is forgotten in the end', where: bucket.address };
  for (const { noncurrent_days } of every('noncurrent_version_expiration')) {
    if (noncurrent_days < 30) yield { rule: 'what was deleted can be restored', where: bucket.address };
  }
}
