mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "totesys-dev-ingest"
  description = "Wakes ingest."
  minutes     = 1
  function    = { name = "totesys-dev-ingest", arn = "arn:aws:lambda:eu-west-2:123456789012:function:totesys-dev-ingest" }
}

run "wakes_the_function_each_minute_and_tries_no_tick_twice" {
  assert {
    condition     = output.expression == "rate(1 minute)" && aws_cloudwatch_event_rule.this.state == "ENABLED"
    error_message = "The rule fires each minute, in EventBridge's singular."
  }

  assert {
    condition     = aws_cloudwatch_event_target.this.arn == var.function.arn && aws_cloudwatch_event_target.this.retry_policy[0].maximum_retry_attempts == 0
    error_message = "A tick is delivered once or not at all."
  }

  assert {
    condition     = aws_lambda_permission.this.principal == "events.amazonaws.com" && aws_lambda_permission.this.source_arn == output.rule_arn
    error_message = "This rule alone may wake the function."
  }
}

run "counts_in_the_plural" {
  variables {
    minutes = 15
  }

  assert {
    condition     = output.expression == "rate(15 minutes)"
    error_message = "EventBridge wants the plural."
  }
}

run "rests_where_asked" {
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

run "refuses_a_name_that_eventbridge_would_not_take" {
  command = plan

  variables {
    name = "wakes ingest"
  }

  expect_failures = [var.name]
}

run "refuses_to_say_nothing" {
  command = plan

  variables {
    description = ""
  }

  expect_failures = [var.description]
}

run "refuses_what_is_no_function" {
  command = plan

  variables {
    function = { name = "ingest", arn = "ingest" }
  }

  expect_failures = [var.function]
}
