mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "totesys-dev-ingest"
  description = "Wakes ingest."
  minutes     = 1
  function    = { name = "totesys-dev-ingest", arn = "arn:aws:lambda:eu-west-2:123456789012:function:totesys-dev-ingest" }
}

run "invokes_the_function_each_minute_without_retries" {
  assert {
    condition     = output.expression == "rate(1 minute)" && aws_cloudwatch_event_rule.this.state == "ENABLED"
    error_message = "The rule fires each minute, with EventBridge's singular."
  }

  assert {
    condition     = aws_cloudwatch_event_target.this.arn == var.function.arn && aws_cloudwatch_event_target.this.retry_policy[0].maximum_retry_attempts == 0
    error_message = "A tick is delivered once or not at all."
  }

  assert {
    condition     = aws_lambda_permission.this.principal == "events.amazonaws.com" && aws_lambda_permission.this.source_arn == output.rule_arn
    error_message = "Only this rule may invoke the function."
  }
}

run "uses_the_plural_for_several_minutes" {
  variables {
    minutes = 15
  }

  assert {
    condition     = output.expression == "rate(15 minutes)"
    error_message = "EventBridge requires the plural."
  }
}

run "is_disabled_on_request" {
  variables {
    enabled = false
  }

  assert {
    condition     = aws_cloudwatch_event_rule.this.state == "DISABLED"
    error_message = "The rule does not fire."
  }
}

run "refuses_half_a_minute" {
  command = plan

  variables {
    minutes = 0.5
  }

  expect_failures = [var.minutes]
}

run "refuses_an_invalid_name" {
  command = plan

  variables {
    name = "wakes ingest"
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

run "refuses_an_invalid_function" {
  command = plan

  variables {
    function = { name = "ingest", arn = "ingest" }
  }

  expect_failures = [var.function]
}
