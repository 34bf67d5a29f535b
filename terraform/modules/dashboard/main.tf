# One page, from top to bottom: freshness, rows per stage, what waits, what failed, and the log lines with the reasons.

locals {
  page_width    = 24 # CloudWatch's grid
  widget_height = 6

  has_proofs = var.functions.reconcile != null
  batched    = ["ingest", "transform", "load"] # the stages that carry rows
  stages     = concat(local.batched, local.has_proofs ? ["reconcile"] : [])

  # Each widget shows metrics of the stages (stage and name), a Lambda metric of all stages, or a metric of the queue.
  rows = concat(local.rows_of_batches, [for row in [local.row_of_proofs] : row if local.has_proofs])

  row_of_proofs = [
    {
      title = "Rows and faults that proofs found, and rows that no batch had carried yet"
      own   = [["reconcile", "RowsDiffering"], ["reconcile", "RowsUnread"]]
      stat  = "Maximum"
    },
    { title = "Proofs that ended", own = [["reconcile", "ProofSucceeded"]], stat = "Sum" },
  ]

  rows_of_batches = [
    [
      {
        title  = "Freshness: age of the oldest batch that is not loaded, in seconds"
        own    = [["load", "OldestUnloadedSeconds"]]
        stat   = "Maximum"
        limits = [{ label = "alarm", value = var.freshness_minutes * 60 }]
      },
      { title = "Runs of ingest that succeeded", own = [["ingest", "RunsSucceeded"]], stat = "Sum" },
      {
        title = "Fence: age of the oldest transaction open at the source, in seconds"
        own   = [["ingest", "FenceAgeSeconds"]]
        stat  = "Maximum"
      },
    ],
    [
      { title = "Rows that flow", own = [["ingest", "RowsRead"], ["load", "RowsLoaded"]], stat = "Sum" },
      { title = "Longest run, in milliseconds", lambda = "Duration", stat = "Maximum" },
    ],
    [
      { title = "Facts that wait for a dimension row", own = [["load", "RowsHeld"]], stat = "Maximum" },
      {
        title = "Rows in quarantine"
        own   = [["ingest", "RowsQuarantined"], ["transform", "RowsQuarantined"]]
        stat  = "Sum"
      },
      { title = "Batches that cannot be loaded", own = [["load", "BatchesBlocked"]], stat = "Maximum" },
    ],
    [
      { title = "Runs that failed", lambda = "Errors", stat = "Sum" },
      { title = "Runs that were turned away", lambda = "Throttles", stat = "Sum" },
      { title = "Dead letters", queue = "ApproximateNumberOfMessagesVisible", stat = "Maximum" },
    ],
  ]

  # Values that are not metrics, because each metric costs: they are computed from the log lines.
  log_rows = [
    [
      {
        title   = "Newest batch by stage: what lies between them waits"
        view    = "table"
        sources = local.batched
        query   = "filter message = 'manifest:written' or message = 'batch:loaded' | stats max(batch) as newest by service | sort newest desc"
      },
      {
        title   = "Rows by stage"
        view    = "timeSeries"
        sources = local.batched
        query   = "filter message = 'manifest:written' or message = 'batch:loaded' | stats ${join(", ", [for stage in local.batched : "sum(rows * strcontains(service, '${stage}')) as ${stage}_rows"])} by bin(5m)"
      },
    ],
    [
      {
        title   = "Rows by table, newest batch first"
        view    = "table"
        sources = ["load"]
        query   = "filter message = 'table:loaded' | stats sum(rows) as rows by batch, table | sort batch desc, table | limit 100"
      },
      {
        title   = "What went wrong last"
        view    = "table"
        sources = local.stages
        # A run that Lambda ended for its time or its memory logs nothing; Lambda's report does.
        query = "filter level = 'ERROR' or level = 'WARN' or (type = 'platform.report' and record.status != 'success') | fields @timestamp, service, message, error.code, error.message, record.status | sort @timestamp desc | limit 50"
      },
    ],
  ]

  metric_widgets = flatten([
    for y, row in local.rows : [
      for x, widget in row : {
        type   = "metric"
        x      = x * local.page_width / length(row)
        y      = y * local.widget_height
        width  = local.page_width / length(row)
        height = local.widget_height
        properties = {
          title  = widget.title
          region = var.region
          stat   = widget.stat
          period = 60 # the shortest rate of a schedule
          metrics = concat(
            [for own in try(widget.own, []) : [var.metric_namespace, own[1], "service", own[0], { label = own[0] }]],
            [
              for stage in can(widget.lambda) ? local.stages : [] :
              ["AWS/Lambda", widget.lambda, "FunctionName", var.functions[stage].name, { label = stage }]
            ],
            [
              for name in try([widget.queue], []) :
              ["AWS/SQS", name, "QueueName", var.dead_letters_queue, { label = "waiting" }]
            ],
          )
          yAxis       = { left = { min = 0 } }
          annotations = { horizontal = try(widget.limits, []) }
        }
      }
    ]
  ])

  log_widgets = flatten([
    for y, row in local.log_rows : [
      for x, widget in row : {
        type   = "log"
        x      = x * local.page_width / length(row)
        y      = (length(local.rows) + y) * local.widget_height
        width  = local.page_width / length(row)
        height = local.widget_height
        properties = {
          title  = widget.title
          region = var.region
          view   = widget.view
          query  = "${join(" | ", [for stage in widget.sources : "SOURCE '/aws/lambda/${var.functions[stage].name}'"])} | ${widget.query}"
        }
      }
    ]
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = concat(local.metric_widgets, local.log_widgets) })
}
