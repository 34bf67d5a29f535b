mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  buckets         = { ingestion = "totesys-dev-ingestion", processed = "totesys-dev-processed" }
  noncurrent_days = 90
}

run "both_buckets_are_private_encrypted_and_versioned" {
  assert {
    condition     = output.buckets["processed"].uri == "s3://totesys-dev-processed" && length(output.buckets) == 2
    error_message = "Each bucket has its URI, by our own key."
  }

  assert {
    condition = alltrue([
      for block in values(aws_s3_bucket_public_access_block.this) :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "Public access is blocked in every way."
  }

  assert {
    condition     = alltrue([for versioning in values(aws_s3_bucket_versioning.this) : versioning.versioning_configuration[0].status == "Enabled"])
    error_message = "Both keep versions."
  }

  assert {
    condition = alltrue(flatten([
      for encryption in values(aws_s3_bucket_server_side_encryption_configuration.this) :
      [for rule in encryption.rule : [for apply in rule.apply_server_side_encryption_by_default : apply.sse_algorithm == "AES256"]]
    ]))
    error_message = "Both are encrypted."
  }

  assert {
    condition     = alltrue([for bucket in values(aws_s3_bucket.this) : bucket.force_destroy == false])
    error_message = "Without force_destroy a bucket with objects cannot be destroyed."
  }
}

run "no_lifecycle_rule_touches_a_current_object" {
  assert {
    condition = alltrue(flatten([
      for lifecycle in values(aws_s3_bucket_lifecycle_configuration.this) :
      [for rule in lifecycle.rule : [for expiration in rule.expiration : expiration.expired_object_delete_marker && coalesce(expiration.days, 0) == 0]]
    ]))
    error_message = "The expiration removes markers only."
  }

  assert {
    condition     = alltrue([for lifecycle in values(aws_s3_bucket_lifecycle_configuration.this) : length(flatten(lifecycle.rule[*].transition)) == 0])
    error_message = "No object moves to another storage class."
  }

  assert {
    condition = anytrue(flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.this["ingestion"].rule :
      [for expiration in rule.noncurrent_version_expiration : expiration.noncurrent_days == 90]
    ]))
    error_message = "Deleted objects can be restored for noncurrent_days."
  }
}

run "the_policy_refuses_plain_http_overwriting_and_deleting_for_good" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.this["ingestion"].statement : statement.sid] == [
      "NobodyComesWithoutTls", "NobodyOverwritesAnObject", "NobodyDeletesForGood",
    ]
    error_message = "The policy has three statements."
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.this["ingestion"].statement : statement.effect == "Deny"])
    error_message = "Every statement of the policy denies."
  }
}

run "plain_http_can_be_allowed_for_an_emulator" {
  variables {
    refuse_plain_http = false
  }

  assert {
    condition     = !contains([for statement in data.aws_iam_policy_document.this["ingestion"].statement : statement.sid], "NobodyComesWithoutTls")
    error_message = "The policy has no such statement."
  }
}

run "force_destroy_allows_deleting_versions" {
  variables {
    force_destroy = true
  }

  assert {
    condition     = !contains([for statement in data.aws_iam_policy_document.this["ingestion"].statement : statement.sid], "NobodyDeletesForGood")
    error_message = "With force_destroy Terraform can empty the bucket."
  }
}

run "refuses_an_invalid_bucket_name" {
  command = plan

  variables {
    buckets = { ingestion = "Totesys_Ingestion" }
  }

  expect_failures = [var.buckets]
}

run "refuses_to_delete_versions_within_days" {
  command = plan

  variables {
    noncurrent_days = 7
  }

  expect_failures = [var.noncurrent_days]
}
