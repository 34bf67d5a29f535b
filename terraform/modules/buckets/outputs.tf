output "buckets" {
  description = "Each bucket by our own key: its id, its ARN, and its URI for the stages. Known after its protection is created."
  value = {
    for key, bucket in aws_s3_bucket.this :
    key => { id = bucket.bucket, arn = bucket.arn, uri = "s3://${bucket.bucket}" }
  }
  depends_on = [
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}
