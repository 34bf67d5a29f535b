output "bucket" {
  description = "The id of the bucket, known after its notification is created."
  value       = aws_s3_bucket_notification.this.bucket
}
