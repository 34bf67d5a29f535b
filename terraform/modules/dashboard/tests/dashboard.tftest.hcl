mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name             = "totesys-dev"
  region           = "eu-west-2"
  metric_namespace = "Totesys/dev"
  functions = {
    ingest    = { name = "totesys-dev-ingest" }
    transform = { name = "totesys-dev-transform" }
    load      = { name = "totesys-dev-load" }
  }
  dead_letters_queue = "totesys-dev-transform-dead-letters"
  freshness_minutes  = 15
}

run "is_one_page_without_gaps" {
  assert {
    condition = alltrue([
      for y in distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.y]) :
      sum([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.width if widget.y == y]) == 24
    ])
    error_message = "Each row fills the page."
  }

  assert {
    condition     = output.url == "https://eu-west-2.console.aws.amazon.com/cloudwatch/home?region=eu-west-2#dashboards/dashboard/totesys-dev"
    error_message = "The URL leads to the dashboard."
  }
}

run "shows_each_of_our_metrics_and_each_stage" {
  assert {
    condition = output.metrics == toset([
      "ingest/FenceAgeSeconds", "ingest/RowsQuarantined", "ingest/RowsRead", "ingest/RunsSucceeded",
      "load/BatchesBlocked", "load/OldestUnloadedSeconds", "load/RowsHeld", "load/RowsLoaded",
      "transform/RowsQuarantined",
    ])
    error_message = "All nine metrics are shown."
  }

  assert {
    condition = alltrue([
      for metric in ["Duration", "Errors", "Throttles"] : alltrue([
        for stage in ["ingest", "transform", "load"] :
        strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "[\"AWS/Lambda\",\"${metric}\",\"FunctionName\",\"totesys-dev-${stage}\"")
      ])
    ])
    error_message = "Durations, errors and throttles are shown by stage."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "SOURCE '/aws/lambda/totesys-dev-load'")
    error_message = "Rows by table come from load's log."
  }

  assert {
    condition     = strcontains(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[14].properties.query, "record.status != 'success'")
    error_message = "The list of errors includes runs that Lambda ended."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "sum(rows * strcontains(service, 'transform')) as transform_rows")
    error_message = "Rows by stage come from the logs of all stages."
  }
}

run "draws_the_limit_of_the_alarm" {
  variables {
    freshness_minutes = 30
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.annotations.horizontal[0].value == 1800
    error_message = "The line is at the limit of the alarm."
  }
}

run "refuses_an_invalid_name" {
  command = plan

  variables {
    name = "totesys dev"
  }

  expect_failures = [var.name]
}

run "refuses_an_invalid_region" {
  command = plan

  variables {
    region = "london"
  }

  expect_failures = [var.region]
}

run "refuses_a_namespace_of_aws" {
  command = plan

  variables {
    metric_namespace = "AWS/Lambda"
  }

  expect_failures = [var.metric_namespace]
}

run "refuses_a_function_without_a_name" {
  command = plan

  variables {
    functions = { ingest = { name = "" }, transform = { name = "t" }, load = { name = "l" } }
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

run "refuses_a_limit_of_zero" {
  command = plan

  variables {
    freshness_minutes = 0
  }

  expect_failures = [var.freshness_minutes]
}

run "shows_proofs_if_reconcile_is_deployed" {
  variables {
    functions = {
      ingest    = { name = "totesys-dev-ingest" }
      transform = { name = "totesys-dev-transform" }
      load      = { name = "totesys-dev-load" }
      reconcile = { name = "totesys-dev-reconcile" }
    }
  }

  assert {
    condition = toset([for metric in output.metrics : metric if startswith(metric, "reconcile/")]) == toset([
      "reconcile/ProofSucceeded", "reconcile/RowsDiffering", "reconcile/RowsUnread",
    ])
    error_message = "All three metrics of proofs are shown."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "SOURCE '/aws/lambda/totesys-dev-reconcile'")
    error_message = "The list of errors has those of proofs."
  }

  assert {
    condition = alltrue([
      for y in distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.y]) :
      sum([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.width if widget.y == y]) == 24
    ])
    error_message = "Each row fills the page."
  }
}
