# The values that each variable refuses.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  code_version = "v1-3-gabc"
  zips         = { ingest = "main.tf", transform = "main.tf", load = "main.tf", reconcile = "main.tf" } # any file will do
}

run "refuses_a_long_project" {
  command = plan

  variables {
    project = "totesys-warehouse"
  }

  expect_failures = [var.project]
}

run "refuses_a_long_environment" {
  command = plan

  variables {
    environment = "development-of-mine"
  }

  expect_failures = [var.environment]
}

run "refuses_an_invalid_region" {
  command = plan

  variables {
    region = "london"
  }

  expect_failures = [var.region]
}

run "refuses_an_invalid_account" {
  command = plan

  variables {
    account_id = "dev"
  }

  expect_failures = [var.account_id]
}

run "refuses_an_invalid_version" {
  command = plan

  variables {
    code_version = "the latest one"
  }

  expect_failures = [var.code_version]
}

run "refuses_a_missing_zip" {
  command = plan

  variables {
    zips = { ingest = "nowhere.zip", transform = "main.tf", load = "main.tf", reconcile = "main.tf" }
  }

  expect_failures = [var.zips]
}

run "refuses_less_memory_than_a_stage_takes" {
  command = plan

  variables {
    stages = { load = { memory_mb = 256 } }
  }

  expect_failures = [var.stages]
}

run "refuses_more_time_than_lambda_has" {
  command = plan

  variables {
    stages = { transform = { timeout_seconds = 1000 } }
  }

  expect_failures = [var.stages]
}

run "refuses_an_ingest_that_outlasts_its_alarm" {
  command = plan

  variables {
    stages = { ingest = { timeout_seconds = 900 } }
  }

  expect_failures = [var.minutes]
}

run "refuses_batches_of_a_few_rows" {
  command = plan

  variables {
    batch_rows = 10
  }

  expect_failures = [var.batch_rows]
}

run "refuses_an_unknown_mode_of_hints" {
  command = plan

  variables {
    hints = "on"
  }

  expect_failures = [var.hints]
}

run "refuses_more_than_a_day_between_audits" {
  command = plan

  variables {
    hint_audit_minutes = 1441
  }

  expect_failures = [var.hint_audit_minutes]
}

run "refuses_half_a_minute" {
  command = plan

  variables {
    minutes = { sweep = 0.5 }
  }

  expect_failures = [var.minutes]
}

run "refuses_an_ingest_schedule_slower_than_its_alarm" {
  command = plan

  variables {
    minutes = { ingest = 8 }
  }

  expect_failures = [var.minutes]
}

run "refuses_a_load_schedule_slower_than_its_alarm" {
  command = plan

  variables {
    minutes = { load = 10 }
  }

  expect_failures = [var.minutes]
}

run "refuses_an_alarm_that_waits_for_days" {
  command = plan

  variables {
    alarm_minutes = { fence = 5000 }
  }

  expect_failures = [var.alarm_minutes]
}

run "refuses_an_invalid_address" {
  command = plan

  variables {
    alarm_emails = ["on-call"]
  }

  expect_failures = [var.alarm_emails]
}

run "refuses_unlimited_log_retention" {
  command = plan

  variables {
    log_retention_days = 0
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_to_delete_versions_within_days" {
  command = plan

  variables {
    noncurrent_days = 1
  }

  expect_failures = [var.noncurrent_days]
}

run "refuses_a_key_by_its_alias" {
  command = plan

  variables {
    secrets_key_arn = "alias/ours"
  }

  expect_failures = [var.secrets_key_arn]
}

run "refuses_a_vpc_without_subnets" {
  command = plan

  variables {
    vpc = { id = "vpc-1", subnet_ids = [], security_group_ids = ["sg-1"] }
  }

  expect_failures = [var.vpc]
}

run "refuses_proofs_at_intervals_shorter_than_a_run" {
  command = plan

  variables {
    proof = { minutes = 10 }
  }

  expect_failures = [var.proof]
}

run "refuses_a_cycle_without_slices" {
  command = plan

  variables {
    proof = { slices = 0 }
  }

  expect_failures = [var.proof]
}
