/** The emulated account, and what is called after it. */
export const ACCOUNT = '000000000000';
export const REGION = 'eu-west-2';
const regional = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;

/** The name of a lake's bucket. */
export function bucketName(environment: string, lake: string): string {
  return `totesys-${environment}-${lake}-${ACCOUNT}-${REGION}`;
}

/** The ARN of a lake's bucket, or of an object in it. */
export function bucket(environment: string, lake: string, key?: string): string {
  return `arn:aws:s3:::${bucketName(environment, lake)}${key === undefined ? '' : `/${key}`}`;
}

/** The ARN of an object in the bucket of the states. */
export function state(key: string): string {
  return `arn:aws:s3:::totesys-state-${ACCOUNT}-${REGION}/${key}`;
}

/** The ARN of the parameter with a database's URL. */
export function parameter(environment: string, place: 'source' | 'warehouse'): string {
  return regional('ssm', `parameter/totesys/${environment}/${place}-url`);
}

/** The ARN of a stage's function. */
export function lambda(environment: string, stage: string): string {
  return regional('lambda', `function:totesys-${environment}-${stage}`);
}

/** The ARN of a role that a path and a name lead to. */
export function role(path: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${path}`;
}

/** The ARN of a stream in a stage's log. */
export function logStream(environment: string, stage: string): string {
  return regional('logs', `log-group:/aws/lambda/totesys-${environment}-${stage}:log-stream:2026/11/28/[$LATEST]0`);
}

/** The ARN of transform's dead letters. */
export function deadLetters(environment: string): string {
  return regional('sqs', `totesys-${environment}-transform-dead-letters`);
}

/** The ARN of something in EC2, as `subnet/subnet-1`. */
export function ec2(what: string): string {
  return regional('ec2', what);
}

/** The ARN of the key that the parameters are encrypted with. */
export const KEY = regional('kms', 'key/00000000-0000-0000-0000-000000000000');
