mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  bucket        = { id = "totesys-dev-ingestion", arn = "arn:aws:s3:::totesys-dev-ingestion" }
  account_id    = "123456789012"
  function      = { name = "totesys-dev-transform", arn = "arn:aws:lambda:eu-west-2:123456789012:function:totesys-dev-transform" }
  filter_prefix = "_manifests/"
  filter_suffix = ".json"
}

run "only_a_manifest_of_this_bucket_and_account_invokes_the_function" {
  assert {
    condition = (
      aws_s3_bucket_notification.this.lambda_function[0].filter_prefix == "_manifests/" &&
      aws_s3_bucket_notification.this.lambda_function[0].filter_suffix == ".json" &&
      aws_s3_bucket_notification.this.lambda_function[0].lambda_function_arn == var.function.arn
    )
    error_message = "Only manifests invoke the function."
  }

  assert {
    condition     = aws_lambda_permission.this.source_arn == var.bucket.arn && aws_lambda_permission.this.source_account == var.account_id
    error_message = "S3 may invoke it for this bucket of this account."
  }

  assert {
    condition     = output.bucket == "totesys-dev-ingestion"
    error_message = "The output names the bucket."
  }
}

run "refuses_an_invalid_bucket" {
  command = plan

  variables {
    bucket = { id = "totesys-dev-ingestion", arn = "totesys-dev-ingestion" }
  }

  expect_failures = [var.bucket]
}

run "refuses_an_invalid_account" {
  command = plan

  variables {
    account_id = "dev"
  }

  expect_failures = [var.account_id]
}

run "refuses_an_invalid_function" {
  command = plan

  variables {
    function = { name = "transform", arn = "transform" }
  }

  expect_failures = [var.function]
}

run "refuses_to_be_invoked_by_every_object" {
  command = plan

  variables {
    filter_prefix = ""
  }

  expect_failures = [var.filter_prefix]
}

run "refuses_an_invalid_suffix" {
  command = plan

  variables {
    filter_suffix = "json"
  }

  expect_failures = [var.filter_suffix]
}
