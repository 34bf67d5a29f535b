mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "totesys-dev-ingest"
  description        = "Reads the source."
  zip_path           = "main.tf" # any file will do
  environment        = { INGESTION_URI = "s3://bucket" }
  memory_mb          = 1024
  timeout_seconds    = 300
  rights             = { ReadTheBucket = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::bucket/*"] } }
  failed_runs        = { retries = 0, max_age_seconds = 60, keep = false }
  role_path          = "/totesys/dev/"
  log_retention_days = 30
}

run "creates_a_function_with_json_logs_and_a_retention_time" {
  assert {
    condition     = aws_lambda_function.this.runtime == "nodejs24.x" && aws_lambda_function.this.architectures == tolist(["arm64"])
    error_message = "The function runs on Node 24 and arm64."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_format == "JSON" && aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/totesys-dev-ingest"
    error_message = "The function logs JSON into its own group."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "The log has a retention time."
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ INGESTION_URI = "s3://bucket", NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem" })
    error_message = "The function gets its places, and the CAs of RDS."
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "PassThrough" && length(aws_lambda_function.this.vpc_config) == 0
    error_message = "By default the function is neither traced nor in a VPC."
  }
}

run "its_role_has_the_given_rights_and_may_write_its_log" {
  assert {
    condition     = toset(data.aws_iam_policy_document.rights.statement[*].sid) == toset(["ReadTheBucket", "WriteItsOwnLog"])
    error_message = "There are no other rights."
  }

  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.rights.statement :
      statement.resources == toset(["arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totesys-dev-ingest:log-stream:*"])
    ])
    error_message = "The role may write only its own log."
  }

  assert {
    condition     = aws_iam_role.this.path == "/totesys/dev/" && aws_iam_role.this.permissions_boundary == null
    error_message = "The role is below the path."
  }
}

run "keeps_no_dead_letters_by_default" {
  assert {
    condition     = length(aws_sqs_queue.dead_letters) == 0 && length(aws_lambda_function_event_invoke_config.this.destination_config) == 0 && output.dead_letters == null
    error_message = "There is no queue."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this.maximum_retry_attempts == 0 && aws_lambda_function_event_invoke_config.this.maximum_event_age_in_seconds == 60
    error_message = "The next tick is the retry."
  }
}

run "keeps_encrypted_dead_letters_on_request" {
  variables {
    failed_runs = { retries = 2, max_age_seconds = 3600, keep = true }
  }

  assert {
    condition     = aws_sqs_queue.dead_letters[0].sqs_managed_sse_enabled && aws_sqs_queue.dead_letters[0].message_retention_seconds == 1209600
    error_message = "The queue is encrypted, and keeps letters as long as SQS allows."
  }

  assert {
    condition     = aws_sqs_queue.dead_letters[0].visibility_timeout_seconds > var.timeout_seconds
    error_message = "Redrive holds a letter for the whole run."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this.destination_config[0].on_failure[0].destination == aws_sqs_queue.dead_letters[0].arn
    error_message = "Lambda sends dead letters to the queue."
  }

  assert {
    condition     = contains(data.aws_iam_policy_document.rights.statement[*].sid, "KeepItsDeadLetters")
    error_message = "The role may send to the queue."
  }
}

run "rights_can_have_conditions" {
  variables {
    rights = {
      DecryptThroughSsm = {
        actions    = ["kms:Decrypt"]
        resources  = ["arn:aws:kms:eu-west-2:123456789012:key/k"]
        conditions = { "kms:ViaService" = "ssm.eu-west-2.amazonaws.com" }
      }
    }
  }

  assert {
    condition = anytrue(flatten([
      for statement in data.aws_iam_policy_document.rights.statement : [
        for condition in statement.condition : condition.variable == "kms:ViaService" && condition.test == "StringEquals"
      ]
    ]))
    error_message = "The condition is in the statement."
  }
}

run "is_traced_on_request" {
  variables {
    tracing = true
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active" && contains(data.aws_iam_policy_document.rights.statement[*].sid, "WriteTraces")
    error_message = "X-Ray traces it, and its role may write traces."
  }
}

run "runs_in_a_vpc_on_request_and_denies_its_code_the_interfaces" {
  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-1"])
    error_message = "The function is in the subnet."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.rights.statement : statement.sid if statement.effect == "Deny"] == ["TheCodeItselfTouchesNoNetworkInterface"]
    error_message = "Lambda may create interfaces with the role; the code may not."
  }
}

run "has_a_boundary_on_request" {
  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/totesys/dev/boundary"
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role has the boundary."
  }
}

run "refuses_a_long_name" {
  command = plan

  variables {
    name = "totesys-with-a-name-that-is-longer-than-any-name-may-be"
  }

  expect_failures = [var.name]
}

run "refuses_an_empty_description" {
  command = plan

  variables {
    description = ""
  }

  expect_failures = [var.description]
}

run "refuses_a_secret_in_the_environment" {
  command = plan

  variables {
    environment = { SOURCE_URL = "postgres://reader:password@host/totesys" }
  }

  expect_failures = [var.environment]
}

run "refuses_memory_beyond_lambdas_limit" {
  command = plan

  variables {
    memory_mb = 64
  }

  expect_failures = [var.memory_mb]
}

run "refuses_a_timeout_beyond_lambdas_limit" {
  command = plan

  variables {
    timeout_seconds = 901
  }

  expect_failures = [var.timeout_seconds]
}

run "refuses_an_action_with_a_wildcard" {
  command = plan

  variables {
    rights = { DoAnything = { actions = ["s3:*"], resources = ["arn:aws:s3:::bucket/*"] } }
  }

  expect_failures = [var.rights]
}

run "refuses_a_wildcard_resource" {
  command = plan

  variables {
    rights = { ReadAnything = { actions = ["s3:GetObject"], resources = ["*"] } }
  }

  expect_failures = [var.rights]
}

run "refuses_more_retries_than_lambda_allows" {
  command = plan

  variables {
    failed_runs = { retries = 5, max_age_seconds = 60, keep = false }
  }

  expect_failures = [var.failed_runs]
}

run "refuses_an_age_beyond_lambdas_limits" {
  command = plan

  variables {
    failed_runs = { retries = 0, max_age_seconds = 10, keep = false }
  }

  expect_failures = [var.failed_runs]
}

run "refuses_an_invalid_role_path" {
  command = plan

  variables {
    role_path = "/"
  }

  expect_failures = [var.role_path]
}

run "refuses_a_boundary_that_is_not_a_policy" {
  command = plan

  variables {
    permissions_boundary_arn = "boundary"
  }

  expect_failures = [var.permissions_boundary_arn]
}

run "refuses_unlimited_log_retention" {
  command = plan

  variables {
    log_retention_days = 0
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_a_vpc_without_subnets" {
  command = plan

  variables {
    vpc = { subnet_ids = [], security_group_ids = ["sg-1"] }
  }

  expect_failures = [var.vpc]
}
