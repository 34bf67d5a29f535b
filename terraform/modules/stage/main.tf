# One Lambda function with what belongs to it alone: its role, its log group, its dead letters.

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  account = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
  arns    = "arn:${data.aws_partition.current.partition}"
  # Built from its name, because the role is created before the function.
  function_arn = "${local.arns}:lambda:${local.account}:function:${var.name}"

  rights_of_any_stage = {
    WriteItsOwnLog = {
      actions    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      resources  = ["${local.arns}:logs:${local.account}:log-group:${aws_cloudwatch_log_group.this.name}:log-stream:*"]
      conditions = {}
    }
  }

  rights_to_keep_dead_letters = var.failed_runs.keep ? {
    KeepItsDeadLetters = {
      actions    = ["sqs:SendMessage"]
      resources  = [aws_sqs_queue.dead_letters[0].arn]
      conditions = {}
    }
  } : {}

  change_interfaces = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
  ]
  look_at_interfaces = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]

  rights = merge(local.rights_of_any_stage, local.rights_to_keep_dead_letters, var.rights)
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own key; log lines have tables, keys and counts, never rows or secrets
  #checkov:skip=CKV_AWS_338:Manifests and ledger keep the history of all runs; log lines are for finding faults
  # Created before the function, which would create it without a retention time.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

data "aws_iam_policy_document" "assume" {
  statement {
    sid     = "LambdaRunsAsThisRole"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  path                 = var.role_path
  description          = "What ${var.name} may do."
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "rights" {
  dynamic "statement" {
    for_each = local.rights

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = "StringEquals"
          variable = condition.key
          values   = [condition.value]
        }
      }
    }
  }

  # X-Ray's actions support no resources.
  dynamic "statement" {
    for_each = var.tracing ? [true] : []

    content {
      sid       = "WriteTraces"
      actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      resources = ["*"]
    }
  }

  # Lambda creates the network interfaces with the function's role, not our code. These are the rights that its
  # documentation requires.
  dynamic "statement" {
    for_each = var.vpc == null ? [] : [true]

    content {
      sid     = "LambdaMakesAndRemovesNetworkInterfaces"
      actions = local.change_interfaces
      # At creation Lambda checks that deleting is allowed for any id.
      resources = ["${local.arns}:ec2:${local.account}:*/*"]
    }
  }

  dynamic "statement" {
    for_each = var.vpc == null ? [] : [true]

    content {
      sid       = "LambdaLooksAtNetworkInterfaces"
      actions   = local.look_at_interfaces
      resources = ["*"] # EC2's describe actions support no resources
    }
  }

  dynamic "statement" {
    for_each = var.vpc == null ? [] : [true]

    content {
      sid       = "TheCodeItselfTouchesNoNetworkInterface"
      effect    = "Deny"
      actions   = concat(local.change_interfaces, local.look_at_interfaces)
      resources = ["*"]

      condition {
        test     = "ArnEquals"
        variable = "lambda:SourceFunctionArn"
        values   = [local.function_arn]
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "rights"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.rights.json
}

resource "aws_sqs_queue" "dead_letters" {
  count = var.failed_runs.keep ? 1 : 0

  name                       = "${var.name}-dead-letters"
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = 1209600                  # 14 days, the maximum of SQS: an event outlasts a holiday
  visibility_timeout_seconds = var.timeout_seconds + 60 # redrive holds a letter for as long as the run may take
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:A new account with a limit of 10 cannot reserve concurrency, and nothing depends on it: a second run yields
  #checkov:skip=CKV_AWS_116:Failed events go to the destination below, which keeps the error with the event; a stage with a schedule needs none
  #checkov:skip=CKV_AWS_173:There is no secret to encrypt: a validation and a test allow only names and places
  #checkov:skip=CKV_AWS_272:A role and an environment limit who may deploy; the same role would have the signing profile
  function_name    = var.name
  description      = var.description
  role             = aws_iam_role.this.arn
  filename         = var.zip_path
  source_code_hash = filebase64sha256(var.zip_path)
  handler          = "index.handler"
  runtime          = "nodejs24.x"
  architectures    = ["arm64"] # a fifth cheaper than x86_64, and the zips have no native code
  memory_size      = var.memory_mb
  timeout          = var.timeout_seconds

  environment {
    variables = merge(var.environment, {
      NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem" # the CAs of RDS, which Node 20 and newer do not load by default
    })
  }

  logging_config {
    log_format            = "JSON"
    application_log_level = "INFO"
    system_log_level      = "INFO" # Lambda's report of a run: memory and cold start
    log_group             = aws_cloudwatch_log_group.this.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = var.failed_runs.retries
  maximum_event_age_in_seconds = var.failed_runs.max_age_seconds

  dynamic "destination_config" {
    for_each = aws_sqs_queue.dead_letters

    content {
      on_failure {
        destination = destination_config.value.arn
      }
    }
  }
}
