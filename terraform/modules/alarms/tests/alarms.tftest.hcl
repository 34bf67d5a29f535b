mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name             = "totesys-dev"
  account_id       = "123456789012"
  metric_namespace = "Totesys/dev"
  functions = {
    ingest    = { name = "totesys-dev-ingest", timeout_seconds = 300 }
    transform = { name = "totesys-dev-transform", timeout_seconds = 900 }
    load      = { name = "totesys-dev-load", timeout_seconds = 900 }
  }
  dead_letters_queue = "totesys-dev-transform-dead-letters"
  minutes            = { ingest = 10, freshness = 15, fence = 60 }
  every_minutes      = { ingest = 1, load = 1 }
}

run "has_alarms_for_each_function_and_for_the_stages_metrics" {
  assert {
    condition = toset(keys(output.alarms)) == toset([
      "errors-ingest", "errors-transform", "errors-load",
      "throttles-ingest", "throttles-transform", "throttles-load",
      "duration-ingest", "duration-transform", "duration-load",
      "quarantine-ingest", "quarantine-transform",
      "dead-letters", "batch-blocked", "ingest-heartbeat", "freshness", "fence-age",
    ])
    error_message = "There are 16 alarms."
  }

  assert {
    condition = alltrue([
      for alarm in values(aws_cloudwatch_metric_alarm.this) :
      alarm.alarm_actions == toset([output.topic_arn]) && alarm.ok_actions == toset([output.topic_arn])
    ])
    error_message = "Each alarm publishes to the topic, also when it returns to OK."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : length(alarm.alarm_description) <= 1024])
    error_message = "CloudWatch allows 1024 characters."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : endswith(alarm.alarm_description, " More: docs/runbook.md, Alarms.")])
    error_message = "Each alarm names the runbook."
  }

  assert {
    condition = alltrue([
      for key in ["errors-ingest", "errors-load", "dead-letters", "batch-blocked", "ingest-heartbeat", "freshness"] : alltrue([
        for line in ["$.level = \"ERROR\"", "$.level = \"WARN\"", "$.record.status != \"success\""] :
        strcontains(aws_cloudwatch_metric_alarm.this[key].alarm_description, line)
      ])
    ])
    error_message = "The filters include warnings, and Lambda's reports of runs that it ended."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["duration-ingest"].threshold == 240000
    error_message = "80 % of 300 s, in ms."
  }
}

run "missing_data_is_a_fault_for_two_alarms_only" {
  assert {
    condition = toset([for key, alarm in aws_cloudwatch_metric_alarm.this : key if alarm.treat_missing_data == "breaching"]) == toset([
      "ingest-heartbeat", "freshness",
    ])
    error_message = "Missing data is a fault for exactly two alarms: a stage that does not run sends no data."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : contains(["breaching", "notBreaching"], alarm.treat_missing_data)])
    error_message = "Each alarm declares how it treats missing data."
  }
}

run "converts_minutes_to_seconds" {
  variables {
    minutes = { ingest = 20, freshness = 30, fence = 120 }
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["ingest-heartbeat"].evaluation_periods == 20 &&
      aws_cloudwatch_metric_alarm.this["freshness"].threshold == 1800 &&
      aws_cloudwatch_metric_alarm.this["fence-age"].threshold == 7200
    )
    error_message = "Minutes become seconds."
  }
}

# With periods of one minute, three of five could never be in breach.
run "periods_match_the_schedules" {
  variables {
    every_minutes = { ingest = 5, load = 60 }
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.period if alarm.period != 60 && !startswith(key, "duration-") } == {
      errors-ingest = 300, throttles-ingest = 300, quarantine-ingest = 300, fence-age = 300
      errors-load   = 3600, throttles-load = 3600, batch-blocked = 3600
      freshness     = 300
      dead-letters  = 1200 # SQS may report this late
    }
    error_message = "A period is as long as the time between two runs; transform runs with each batch."
  }
}

# A data point has the time at which its invocation started, and reaches CloudWatch minutes after its end.
run "windows_hold_the_longest_run" {
  variables {
    functions = {
      ingest    = { name = "totesys-dev-ingest", timeout_seconds = 290 }
      transform = { name = "totesys-dev-transform", timeout_seconds = 900 }
      load      = { name = "totesys-dev-load", timeout_seconds = 61 }
    }
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => [alarm.period, alarm.evaluation_periods, alarm.datapoints_to_alarm] if startswith(key, "duration-") } == {
      duration-ingest    = [600, 1, 1]
      duration-transform = [1200, 1, 1]
      duration-load      = [420, 1, 1]
    }
    error_message = "The window is one period: the timeout in whole minutes, plus five."
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => [alarm.evaluation_periods, alarm.datapoints_to_alarm] if startswith(key, "errors-") || key == "batch-blocked" } == {
      errors-ingest    = [22, 3]
      errors-transform = [53, 3]
      errors-load      = [13, 3]
      batch-blocked    = [13, 3]
    }
    error_message = "The window has three runs of full length, the waits between them, and five minutes."
  }
}

# A run of 15 minutes is still at work at the third tick of a five-minute schedule; the next run starts at the fourth.
run "windows_hold_three_runs_that_wait_for_their_schedule" {
  variables {
    every_minutes = { ingest = 4, load = 5 }
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => [alarm.period, alarm.evaluation_periods] if startswith(key, "errors-") || key == "batch-blocked" } == {
      errors-ingest    = [240, 7]
      errors-transform = [60, 53]
      errors-load      = [300, 12]
      batch-blocked    = [300, 12]
    }
    error_message = "Runs that start at minutes 0, 20 and 40 end at minute 55; the window is an hour."
  }
}

# CloudWatch allows a window of a day for periods below an hour, and of a week for longer ones.
run "windows_stay_within_cloudwatchs_limits" {
  variables {
    every_minutes = { ingest = 59, load = 1440 }
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.period * alarm.evaluation_periods <= (alarm.period < 3600 ? 86400 : 604800)])
    error_message = "Every window is within CloudWatch's limits."
  }
}

# With long periods CloudWatch would still find old data points long after a stage has stopped.
run "uses_short_periods_for_missing_data" {
  variables {
    every_minutes = { ingest = 5, load = 5 }
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["ingest-heartbeat"].period == 60 &&
      aws_cloudwatch_metric_alarm.this["ingest-heartbeat"].evaluation_periods == 10 &&
      aws_cloudwatch_metric_alarm.this["ingest-heartbeat"].datapoints_to_alarm == 10
    )
    error_message = "The window is ten minutes without a success, whatever ingest's schedule."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["freshness"].period == 300 &&
      aws_cloudwatch_metric_alarm.this["freshness"].evaluation_periods == 1 &&
      aws_cloudwatch_metric_alarm.this["freshness"].threshold == 900
    )
    error_message = "One data point beyond 15 minutes is enough."
  }
}

run "has_no_subscription_by_default" {
  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "There is no subscription."
  }
}

run "subscribes_each_address" {
  variables {
    emails = ["on-call@example.com", "team@example.com"]
  }

  assert {
    condition     = alltrue([for email, subscription in aws_sns_topic_subscription.email : subscription.endpoint == email && subscription.protocol == "email"])
    error_message = "Each address has a subscription."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 2
    error_message = "There are two subscriptions."
  }
}

run "refuses_a_long_name" {
  command = plan

  variables {
    name = "Totesys"
  }

  expect_failures = [var.name]
}

run "refuses_an_invalid_account" {
  command = plan

  variables {
    account_id = "dev"
  }

  expect_failures = [var.account_id]
}

run "refuses_a_namespace_of_aws" {
  command = plan

  variables {
    metric_namespace = "AWS/Lambda"
  }

  expect_failures = [var.metric_namespace]
}

run "refuses_a_timeout_beyond_lambdas_limit" {
  command = plan

  variables {
    functions = {
      ingest    = { name = "totesys-dev-ingest", timeout_seconds = 1000 }
      transform = { name = "totesys-dev-transform", timeout_seconds = 900 }
      load      = { name = "totesys-dev-load", timeout_seconds = 900 }
    }
  }

  expect_failures = [var.functions]
}

run "refuses_an_empty_queue_name" {
  command = plan

  variables {
    dead_letters_queue = ""
  }

  expect_failures = [var.dead_letters_queue]
}

run "refuses_limits_of_more_than_a_day" {
  command = plan

  variables {
    minutes = { ingest = 10, freshness = 15, fence = 2000 }
  }

  expect_failures = [var.minutes]
}

run "refuses_a_schedule_below_a_minute" {
  command = plan

  variables {
    every_minutes = { ingest = 0.5, load = 1 }
  }

  expect_failures = [var.every_minutes]
}

run "refuses_an_invalid_address" {
  command = plan

  variables {
    emails = ["on-call"]
  }

  expect_failures = [var.emails]
}

run "has_alarms_for_hints_if_they_are_on" {
  variables {
    hints_wal_limit_gb = 10
  }

  assert {
    condition     = length(output.alarms) == 18 && aws_cloudwatch_metric_alarm.this["retained-wal"].threshold == 5 * 1024 * 1024 * 1024
    error_message = "The alarm goes off at half the limit."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : length(alarm.alarm_description) <= 1024])
    error_message = "CloudWatch allows 1024 characters."
  }
}

run "has_alarms_for_proofs_if_reconcile_is_deployed" {
  variables {
    functions = {
      ingest    = { name = "totesys-dev-ingest", timeout_seconds = 300 }
      transform = { name = "totesys-dev-transform", timeout_seconds = 900 }
      load      = { name = "totesys-dev-load", timeout_seconds = 900 }
      reconcile = { name = "totesys-dev-reconcile", timeout_seconds = 900 }
    }
    every_minutes = { ingest = 1, load = 1, reconcile = 60 }
  }

  assert {
    condition = toset([for key in keys(output.alarms) : key if endswith(key, "-reconcile") || startswith(key, "proof-")]) == toset([
      "errors-reconcile", "throttles-reconcile", "duration-reconcile", "proof-differs", "proof-age",
    ])
    error_message = "Proofs have five alarms."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["proof-age"].period == 60 &&
      aws_cloudwatch_metric_alarm.this["proof-age"].evaluation_periods == 140 &&
      aws_cloudwatch_metric_alarm.this["proof-age"].datapoints_to_alarm == 140 &&
      aws_cloudwatch_metric_alarm.this["proof-age"].treat_missing_data == "breaching"
    )
    error_message = "A proof is too old after two intervals, the longest run and five minutes."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["proof-differs"].period == 3600 &&
      aws_cloudwatch_metric_alarm.this["proof-differs"].evaluation_periods == 2 &&
      aws_cloudwatch_metric_alarm.this["proof-differs"].datapoints_to_alarm == 1
    )
    error_message = "One proof of two periods that finds a difference is enough."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : length(alarm.alarm_description) <= 1024])
    error_message = "CloudWatch allows 1024 characters."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.period * alarm.evaluation_periods <= (alarm.period < 3600 ? 86400 : 604800)])
    error_message = "Every window is within CloudWatch's limits."
  }
}
