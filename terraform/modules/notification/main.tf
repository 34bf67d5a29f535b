# A new object invokes a function. A bucket has one notification configuration: a second resource would replace this
# one without an error.

resource "aws_lambda_permission" "this" {
  statement_id   = "bucket-notifies"
  action         = "lambda:InvokeFunction"
  function_name  = var.function.name
  principal      = "s3.amazonaws.com"
  source_arn     = var.bucket.arn
  source_account = var.account_id # the ARN of a bucket names no account
}

resource "aws_s3_bucket_notification" "this" {
  bucket = var.bucket.id

  lambda_function {
    id                  = "wake"
    lambda_function_arn = var.function.arn
    events              = ["s3:ObjectCreated:*"]
    filter_prefix       = var.filter_prefix
    filter_suffix       = var.filter_suffix
  }

  depends_on = [aws_lambda_permission.this] # S3 checks the permission when the notification is created
}
