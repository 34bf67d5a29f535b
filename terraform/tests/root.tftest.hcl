mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  code_version = "v1-3-gabc"
  zips         = { ingest = "main.tf", transform = "main.tf", load = "main.tf", reconcile = "main.tf" } # any file will do
}

run "wires_four_stages_two_buckets_and_four_schedules" {
  assert {
    condition = output.functions == {
      ingest    = "totesys-dev-ingest"
      transform = "totesys-dev-transform"
      load      = "totesys-dev-load"
      reconcile = "totesys-dev-reconcile"
    }
    error_message = "Each stage has a function."
  }

  assert {
    condition     = module.buckets.buckets["ingestion"].id == "totesys-dev-ingestion-123456789012-eu-west-2"
    error_message = "A bucket's name has the account and the region."
  }

  assert {
    condition = { for key, schedule in module.schedule : key => schedule.expression } == {
      ingest = "rate(1 minute)"
      load   = "rate(1 minute)"
      sweep  = "rate(5 minutes)"
      proof  = "rate(60 minutes)"
    }
    error_message = "Ingest and load run each minute, the sweep every five minutes, the proof every hour."
  }

  assert {
    condition     = output.parameters == { source_url = "/totesys/dev/source-url", warehouse_url = "/totesys/dev/warehouse-url" }
    error_message = "The secrets have the names that make secrets writes."
  }

  assert {
    condition     = output.metric_namespace == "Totesys/dev" && output.environment == "dev" && output.region == "eu-west-2"
    error_message = "Two environments of one account have different names."
  }

  assert {
    condition     = length(output.alarms) == 21 && length(module.network) == 0
    error_message = "There are 21 alarms and no VPC."
  }
}

run "wakes_transform_and_load_by_the_manifests_that_they_read" {
  assert {
    condition = { for stage, notification in module.notification : stage => notification.bucket } == {
      transform = "totesys-dev-ingestion-123456789012-eu-west-2"
      load      = "totesys-dev-processed-123456789012-eu-west-2"
    }
    error_message = "The ingestion bucket wakes transform, the processed bucket wakes load."
  }
}

run "passes_each_stage_only_its_own_places" {
  assert {
    condition = { for key, stage in local.stages : key => keys(stage.environment) } == {
      ingest    = ["INGESTION_URI", "SOURCE_URL_PARAMETER"]
      transform = ["INGESTION_URI", "PROCESSED_URI"]
      load      = ["INGESTION_URI", "PROCESSED_URI", "WAREHOUSE_URL_PARAMETER"]
      reconcile = [
        "INGESTION_URI", "PROCESSED_URI", "PROOF_REQUESTS", "PROOF_SLICES", "SOURCE_URL_PARAMETER",
        "WAREHOUSE_URL_PARAMETER",
      ]
    }
    error_message = "Ingest knows the source, load the warehouse, transform neither, reconcile both."
  }

  assert {
    condition     = alltrue([for stage in values(local.stages) : !contains(keys(stage.rights), "DecryptParametersThroughSsm")])
    error_message = "AWS's own key for parameters needs no grant."
  }

  assert {
    condition     = [for key, stage in local.stages : key if stage.failed_runs.keep] == ["transform"]
    error_message = "Only transform keeps dead letters: for the others the next tick is the retry."
  }
}

# The state belongs to dev: the runs above created it.
run "refuses_the_variables_of_another_environment" {
  command = plan

  variables {
    environment = "prod"
  }

  expect_failures = [output.environment]
}

run "reconcile_writes_proofs_and_nothing_else" {
  command = plan

  assert {
    condition = [
      for key, right in local.stages.reconcile.rights : "${key} ${join(" ", right.actions)}"
      if anytrue([for action in right.actions : strcontains(action, "Put")])
    ] == ["WriteProofs s3:PutObject"]
    error_message = "Reconcile has one right to write."
  }

  assert {
    condition     = alltrue([for resource in local.stages.reconcile.rights["WriteProofs"].resources : endswith(resource, "/_proofs/*")])
    error_message = "It may write only proofs."
  }
}

run "proves_nothing_on_request" {
  command = plan

  variables {
    proof = { minutes = 0 }
  }

  assert {
    condition     = keys(local.stages) == ["ingest", "load", "transform"] && !contains(keys(module.schedule), "proof")
    error_message = "Without proofs there is neither a function nor a role nor a schedule for them."
  }

  assert {
    condition     = length(module.alarms.alarms) == 16
    error_message = "Without proofs there are no alarms for them."
  }
}

run "passes_the_settings_of_proofs" {
  command = plan

  variables {
    proof = { minutes = 30, slices = 48, requests = 500 }
  }

  assert {
    condition = (
      local.stages.reconcile.environment.PROOF_SLICES == "48" &&
      local.stages.reconcile.environment.PROOF_REQUESTS == "500" &&
      module.schedule["proof"].expression == "rate(30 minutes)"
    )
    error_message = "Reconcile gets the slices and the requests, and its schedule the minutes."
  }
}

run "limits_the_rows_of_a_batch_on_request" {
  command = plan

  variables {
    batch_rows = 500000
  }

  assert {
    condition     = local.stages.ingest.environment.BATCH_ROWS == "500000"
    error_message = "Ingest gets the limit."
  }
}

run "uses_no_hints_by_default" {
  command = plan

  assert {
    condition     = !contains(keys(local.stages.ingest.environment), "HINTS")
    error_message = "Hints need more rights than SELECT, so they are off."
  }
}

run "uses_hints_on_request" {
  command = plan

  variables {
    hints = "shadow"
  }

  assert {
    condition     = local.stages.ingest.environment.HINTS == "shadow"
    error_message = "Ingest gets the mode."
  }

  assert {
    condition     = alltrue([for name in ["retained-wal", "hints-missed"] : contains(keys(module.alarms.alarms), name)])
    error_message = "Hints have alarms of their own."
  }
}

run "passes_the_interval_of_audits_with_the_slot" {
  command = plan

  variables {
    hints              = "slot"
    hint_audit_minutes = 30
  }

  assert {
    condition     = local.stages.ingest.environment.HINTS == "slot" && local.stages.ingest.environment.HINT_AUDIT_MINUTES == "30"
    error_message = "Ingest gets the mode and the interval."
  }
}

run "allows_stages_with_a_database_to_decrypt_with_a_key_of_your_own" {
  command = plan

  variables {
    secrets_key_arn = "arn:aws:kms:eu-west-2:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = [for key, stage in local.stages : key if contains(keys(stage.rights), "DecryptParametersThroughSsm")] == ["ingest", "load", "reconcile"]
    error_message = "Transform has no secret."
  }

  assert {
    condition     = local.stages.load.rights["DecryptParametersThroughSsm"].conditions == { "kms:ViaService" = "ssm.eu-west-2.amazonaws.com" }
    error_message = "The key decrypts only for SSM."
  }
}

run "puts_stages_with_a_database_into_a_vpc_on_request" {
  command = plan

  variables {
    vpc = { id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = length(module.network) == 1 && [for key, stage in local.stages : key if stage.in_vpc] == ["ingest", "load", "reconcile"]
    error_message = "Transform needs only S3 and stays outside."
  }
}

run "uses_the_boundary_of_bootstrap_on_request" {
  command = plan

  variables {
    bounded = true
  }

  assert {
    condition     = local.boundary_arn == "arn:aws:iam::123456789012:policy/totesys/dev/boundary"
    error_message = "The boundary has bootstrap's name for it."
  }
}

run "disables_the_schedules_on_request" {
  command = plan

  variables {
    paused = true
  }

  assert {
    condition     = !anytrue([for schedule in values(module.schedule) : schedule.enabled])
    error_message = "No schedule is enabled."
  }
}
