# How often the stages run, how long they may take, and how long the alarms wait belong together.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  code_version = "v1"
  zips         = { ingest = "main.tf", transform = "main.tf", load = "main.tf" }
}

run "a_slower_pipeline_is_watched_as_slowly" {
  command = plan

  variables {
    minutes = { ingest = 5, load = 5 }
  }

  assert {
    condition     = { for key, schedule in module.schedule : key => schedule.expression } == { ingest = "rate(5 minutes)", load = "rate(5 minutes)", sweep = "rate(5 minutes)" }
    error_message = "Both run every five minutes, with no other variable changed."
  }

  assert {
    condition     = module.alarms.period_seconds == { ingest = 300, load = 300, transform = 60 }
    error_message = "The alarms look as often."
  }
}

run "an_hourly_pipeline_has_alarms_that_wait_for_hours" {
  command = plan

  variables {
    minutes       = { ingest = 60, load = 60, sweep = 60 }
    alarm_minutes = { ingest = 120, freshness = 180 }
  }

  assert {
    condition     = module.schedule["ingest"].expression == "rate(60 minutes)"
    error_message = "It is allowed."
  }
}

run "refuses_an_hourly_pipeline_with_alarms_of_minutes" {
  command = plan

  variables {
    minutes = { ingest = 60, load = 60, sweep = 60 }
  }

  expect_failures = [var.minutes]
}

# Twice in ten minutes, but a run that takes all of its time would end later than that.
run "refuses_a_run_that_ends_after_its_alarm" {
  command = plan

  variables {
    minutes = { ingest = 5 }
    stages  = { ingest = { timeout_seconds = 360 } }
  }

  expect_failures = [var.minutes]
}

# What the sweep finds is loaded before somebody is told that it waits.
run "refuses_a_sweep_that_the_alarm_overtakes" {
  command = plan

  variables {
    minutes = { sweep = 14 }
  }

  expect_failures = [var.minutes]
}
