# Schedules, timeouts and the limits of the alarms depend on each other.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  code_version = "v1"
  zips         = { ingest = "main.tf", transform = "main.tf", load = "main.tf", reconcile = "main.tf" }
}

run "a_slower_schedule_has_longer_alarm_periods" {
  command = plan

  variables {
    minutes = { ingest = 5, load = 5 }
  }

  assert {
    condition     = { for key, schedule in module.schedule : key => schedule.expression } == { ingest = "rate(5 minutes)", load = "rate(5 minutes)", sweep = "rate(5 minutes)", proof = "rate(60 minutes)" }
    error_message = "Both run every five minutes, with no other variable changed."
  }

  assert {
    condition     = module.alarms.period_seconds == { ingest = 300, load = 300, transform = 60, reconcile = 3600 }
    error_message = "The alarms' periods are five minutes, too."
  }
}

run "an_hourly_schedule_needs_alarms_that_wait_for_hours" {
  command = plan

  variables {
    minutes       = { ingest = 60, load = 60, sweep = 60 }
    alarm_minutes = { ingest = 120, freshness = 180 }
  }

  assert {
    condition     = module.schedule["ingest"].expression == "rate(60 minutes)"
    error_message = "An hourly schedule is allowed."
  }
}

run "refuses_an_hourly_schedule_with_alarms_of_minutes" {
  command = plan

  variables {
    minutes = { ingest = 60, load = 60, sweep = 60 }
  }

  expect_failures = [var.minutes]
}

# Two runs start within ten minutes, but a run of full length would end later than the alarm's limit.
run "refuses_a_run_that_ends_after_its_alarm" {
  command = plan

  variables {
    minutes = { ingest = 5 }
    stages  = { ingest = { timeout_seconds = 360 } }
  }

  expect_failures = [var.minutes]
}

# A batch that the sweep derives is loaded before the freshness alarm goes off.
run "refuses_a_sweep_later_than_the_freshness_alarm" {
  command = plan

  variables {
    minutes = { sweep = 14 }
  }

  expect_failures = [var.minutes]
}
