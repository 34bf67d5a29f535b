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

run "watches_each_function_and_what_the_stages_say" {
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
    error_message = "Each tells the topic, also when it is over."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : length(alarm.alarm_description) <= 1024])
    error_message = "CloudWatch takes 1024 characters."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : endswith(alarm.alarm_description, " More: docs/runbook.md, Alarms.")])
    error_message = "Each leads to the runbook."
  }

  assert {
    condition = alltrue([
      for key in ["errors-ingest", "errors-load", "dead-letters", "batch-blocked", "ingest-heartbeat", "freshness"] : alltrue([
        for line in ["$.level = \"ERROR\"", "$.level = \"WARN\"", "$.record.status != \"success\""] :
        strcontains(aws_cloudwatch_metric_alarm.this[key].alarm_description, line)
      ])
    ])
    error_message = "What they look for holds warnings, and runs that were ended before they could say anything."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["duration-ingest"].threshold == 240000
    error_message = "80 % of 300 s, in ms."
  }
}

run "silence_is_bad_news_of_two_alone" {
  assert {
    condition = toset([for key, alarm in aws_cloudwatch_metric_alarm.this : key if alarm.treat_missing_data == "breaching"]) == toset([
      "ingest-heartbeat", "freshness",
    ])
    error_message = "A stage that does not run sends nothing."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : contains(["breaching", "notBreaching"], alarm.treat_missing_data)])
    error_message = "Each says what silence means."
  }
}

run "waits_as_long_as_it_is_told" {
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

# With a period of a minute three of five could never breach.
run "looks_as_often_as_the_stages_run" {
  variables {
    every_minutes = { ingest = 5, load = 60 }
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.period if alarm.period != 60 && !startswith(key, "duration-") } == {
      errors-ingest = 300, throttles-ingest = 300, quarantine-ingest = 300, fence-age = 300
      errors-load   = 3600, throttles-load = 3600, batch-blocked = 3600
      freshness     = 300
      dead-letters  = 1200 # as rarely as SQS may report
    }
    error_message = "What a run says is looked at once for each run; transform runs with each batch."
  }
}

# A point carries the start of its invocation, and CloudWatch has it minutes after the end.
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
    error_message = "The timeout in whole minutes and five more, in one period."
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => [alarm.evaluation_periods, alarm.datapoints_to_alarm] if startswith(key, "errors-") || key == "batch-blocked" } == {
      errors-ingest    = [22, 3]
      errors-transform = [53, 3]
      errors-load      = [13, 3]
      batch-blocked    = [13, 3]
    }
    error_message = "Three runs of full length, what lies between them, and five minutes."
  }
}

# A run of 15 minutes meets the third tick of a clock of five minutes; the next run begins with the fourth.
run "windows_hold_three_runs_that_wait_for_their_clock" {
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
    error_message = "Runs that begin at minutes 0, 20 and 40 end at 55; an hour holds them."
  }
}

# CloudWatch takes a day of periods below an hour, and a week of longer ones.
run "windows_of_rare_runs_fit_into_cloudwatchs_limits" {
  variables {
    every_minutes = { ingest = 59, load = 1440 }
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.period * alarm.evaluation_periods <= (alarm.period < 3600 ? 86400 : 604800)])
    error_message = "Each alarm can be made."
  }
}

# Of long periods CloudWatch would still find old points when a stage has long been silent.
run "notices_silence_by_short_periods" {
  variables {
    every_minutes = { ingest = 5, load = 5 }
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["ingest-heartbeat"].period == 60 &&
      aws_cloudwatch_metric_alarm.this["ingest-heartbeat"].evaluation_periods == 10 &&
      aws_cloudwatch_metric_alarm.this["ingest-heartbeat"].datapoints_to_alarm == 10
    )
    error_message = "Ten minutes, and no success in any of them, however rarely ingest runs."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["freshness"].period == 300 &&
      aws_cloudwatch_metric_alarm.this["freshness"].evaluation_periods == 1 &&
      aws_cloudwatch_metric_alarm.this["freshness"].threshold == 900
    )
    error_message = "One point beyond 15 minutes is enough."
  }
}

run "tells_nobody_by_mail_unless_asked" {
  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "There is no subscription."
  }
}

run "tells_each_address" {
  variables {
    emails = ["on-call@example.com", "team@example.com"]
  }

  assert {
    condition     = alltrue([for email, subscription in aws_sns_topic_subscription.email : subscription.endpoint == email && subscription.protocol == "email"])
    error_message = "Each address has a subscription."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 2
    error_message = "There are two."
  }
}

run "refuses_a_long_name" {
  command = plan

  variables {
    name = "Totesys"
  }

  expect_failures = [var.name]
}

run "refuses_what_is_no_account" {
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

run "refuses_a_timeout_beyond_lambdas" {
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

run "refuses_to_watch_no_queue" {
  command = plan

  variables {
    dead_letters_queue = ""
  }

  expect_failures = [var.dead_letters_queue]
}

run "refuses_to_wait_for_days" {
  command = plan

  variables {
    minutes = { ingest = 10, freshness = 15, fence = 2000 }
  }

  expect_failures = [var.minutes]
}

run "refuses_a_clock_that_ticks_within_a_minute" {
  command = plan

  variables {
    every_minutes = { ingest = 0.5, load = 1 }
  }

  expect_failures = [var.every_minutes]
}

run "refuses_what_is_no_address" {
  command = plan

  variables {
    emails = ["on-call"]
  }

  expect_failures = [var.emails]
}
