# Settings that prod refuses. This test has its own state.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "prod"
  code_version = "v1"
  zips         = { ingest = "main.tf", transform = "main.tf", load = "main.tf", reconcile = "main.tf" }
}

run "is_deployed_by_the_same_root" {
  assert {
    condition     = output.metric_namespace == "Totesys/prod" && output.parameters.source_url == "/totesys/prod/source-url"
    error_message = "Nothing in prod has dev's names."
  }
}

run "refuses_to_delete_its_lake_with_a_command" {
  command = plan

  variables {
    force_destroy = true
  }

  expect_failures = [var.force_destroy]
}

run "refuses_plain_http" {
  command = plan

  variables {
    refuse_plain_http = false
  }

  expect_failures = [var.refuse_plain_http]
}
