output "bucket" {
  description = "The id of the bucket that notifies, known once it does."
  value       = aws_s3_bucket_notification.this.bucket
}
