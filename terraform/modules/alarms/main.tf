# What tells a person, all in one map. Each alarm says in its description what to do; ids and messages are in the log lines that it names.

locals {
  minute_seconds = 60

  # How far apart a stage's runs are: an alarm that looked more often than it runs would see mostly silence. Transform runs with each batch.
  period_seconds = merge(
    { transform = local.minute_seconds },
    { for stage, minutes in var.every_minutes : stage => minutes * local.minute_seconds },
  )

  # Silence counts only once CloudWatch finds no longer as many points as an alarm looks at, and it looks further back than that, by some periods:
  # one period of ten minutes would be told of after half an hour. So periods are short where silence is what is watched.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  silence_seconds = max(1, floor(var.minutes.freshness / 3)) * local.minute_seconds

  # Lambda stamps Errors and Duration with the start of the invocation and sends them after its end, and an alarm ignores a point that is older than its
  # window. So the windows below hold the longest run, and some minutes more until CloudWatch has the point.
  # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  publication_seconds = 5 * local.minute_seconds
  longest_run_seconds = { for stage, function in var.functions : stage => ceil(function.timeout_seconds / local.minute_seconds) * local.minute_seconds }

  # Between the end of a run and the start of the next but one, at most: a stage with a clock begins at its next tick, or at the one after where that tick
  # still met the run at work and yielded, without an error. Transform's event is tried again by Lambda, after one minute and then after two.
  # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
  waits_seconds = merge(
    { transform = 3 * local.minute_seconds },
    { for stage in keys(var.every_minutes) : stage => 2 * local.period_seconds[stage] },
  )

  # As many periods as three runs of full length take one after another, and at least five.
  periods_of_three_runs = {
    for stage, seconds in local.longest_run_seconds :
    stage => max(5, ceil((3 * seconds + local.waits_seconds[stage] + local.publication_seconds) / local.period_seconds[stage]))
  }

  # What went wrong in a stage, newest last. A run that was ended for its time or its memory says nothing itself: Lambda's report does.
  errors_of = {
    for stage, function in var.functions :
    stage => "aws logs tail /aws/lambda/${function.name} --since 1h --filter-pattern '{ $.level = \"ERROR\" || $.level = \"WARN\" || ($.type = \"platform.report\" && $.record.status != \"success\") }'"
  }

  alarms_of_each_function = merge([
    for stage, function in var.functions : {
      "errors-${stage}" = {
        description = "Runs of ${stage} fail: the code in the log line is an entry of the runbook. See: ${local.errors_of[stage]}"
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = function.name }
        statistic   = "Sum"
        over        = 0
        seconds     = local.period_seconds[stage]
        periods     = local.periods_of_three_runs[stage]
        breaching   = 3 # the run after one that failed does its work; three that failed have one cause
      }
      "throttles-${stage}" = {
        description = "Runs of ${stage} are turned away: the account runs too many functions at once. Nothing is lost, it comes later. See: aws lambda get-account-settings, and ask for a higher limit: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000"
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = function.name }
        statistic   = "Sum"
        over        = 0
        seconds     = local.period_seconds[stage]
        periods     = 5
        breaching   = 3 # as above; a throttle has no length, its point is not late
      }
      "duration-${stage}" = {
        description = "A run of ${stage} took more than 80 % of its ${function.timeout_seconds} seconds, or was ended at them and has to begin again. Give it more memory, which is more CPU, or more time: variable stages. See: aws logs tail /aws/lambda/${function.name} --since 1h"
        namespace   = "AWS/Lambda"
        metric      = "Duration"
        dimensions  = { FunctionName = function.name }
        statistic   = "Maximum"
        over        = function.timeout_seconds * 1000 * 0.8                        # ms; the last fifth is too late to act
        seconds     = local.longest_run_seconds[stage] + local.publication_seconds # one period, for the point may be as old as the run is long
      }
    }
  ]...)

  alarms_of_the_pipeline = {
    dead-letters = {
      description = "Transform gave up on an event, up to 15 minutes ago: SQS reports an idle queue that late. Its batch is derived by the next run all the same, unless it fails there, too. See: ${local.errors_of.transform} Then: make redrive ENV=…, which runs totesys redrive: it invokes transform with each letter and deletes those that went well."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = var.dead_letters_queue }
      statistic   = "Maximum"
      over        = 0
      seconds     = 15 * local.minute_seconds + local.publication_seconds # SQS reports a queue that was idle up to 15 minutes late
    }
    quarantine-ingest = {
      description = "The source has rows that cannot be carried; they are kept below _quarantine/ of the ingestion bucket with the reason, the rest flows. See: totesys quarantine list, then totesys quarantine show TABLE KEY. Mend them in the source: the next run reads them again. The OK that follows says that no more came, not that these are mended."
      metric      = "RowsQuarantined"
      stage       = "ingest"
      statistic   = "Sum"
      over        = 0
    }
    quarantine-transform = {
      description = "Rows break the contract of the warehouse; they are kept below _quarantine/ of the processed bucket with the reason, the rest flows. See: totesys quarantine list, then totesys quarantine show TABLE KEY. Mend them in the source: the next run reads them again. The OK that follows says that no more came, not that these are mended."
      metric      = "RowsQuarantined"
      stage       = "transform"
      statistic   = "Sum"
      over        = 0
    }
    batch-blocked = {
      description = "A batch cannot be loaded, and the warehouse stands still before it. Its number and the reason: ${local.errors_of.load} Then: totesys batch show N; mend the cause (rows that are mended in the source let it pass by themselves), or totesys batch accept N where its many quarantined rows are to be left out."
      metric      = "BatchesBlocked"
      stage       = "load"
      statistic   = "Maximum"
      over        = 0
      periods     = local.periods_of_three_runs.load # a run that takes minutes leaves minutes without a point
      breaching   = 3                                # runs; a lock of another session is released by then
    }
    ingest-heartbeat = {
      description = "No run of ingest has succeeded for ${var.minutes.ingest} minutes; the warehouse does not see what the source does. See: ${local.errors_of.ingest} Where there is no line at all, see that the rule is there and enabled (paused = true rests it): aws events describe-rule --name ${var.functions.ingest.name}"
      metric      = "RunsSucceeded"
      stage       = "ingest"
      statistic   = "Sum"
      under       = 1
      seconds     = local.minute_seconds
      periods     = var.minutes.ingest # every minute of them without a success
      breaching   = var.minutes.ingest
      missing     = "breaching" # a run that never was sends nothing
    }
    freshness = {
      description = "A batch has waited more than ${var.minutes.freshness} minutes to be loaded, or load does not run. What waits where: totesys status. Then: ${local.errors_of.load}"
      metric      = "OldestUnloadedSeconds"
      stage       = "load"
      statistic   = "Maximum"
      over        = var.minutes.freshness * local.minute_seconds
      seconds     = local.silence_seconds # one point beyond the limit is enough
      missing     = "breaching"           # load says it at each run, also when nothing waits
    }
    fence-age = {
      description = "A transaction at the source has been open for more than ${var.minutes.fence} minutes. Nothing is lost, but each run reads again what has changed since. Find it: select pid, usename, application_name, xact_start from pg_stat_activity where backend_xid is not null order by xact_start limit 5; also pg_prepared_xacts. Have its owner end it, or: select pg_terminate_backend(pid)."
      metric      = "FenceAgeSeconds"
      stage       = "ingest"
      statistic   = "Maximum"
      over        = var.minutes.fence * local.minute_seconds
    }
  }

  alarms = merge(local.alarms_of_each_function, local.alarms_of_the_pipeline)
}

resource "aws_sns_topic" "this" {
  #checkov:skip=CKV_AWS_26:It carries the sentences above, no rows; CloudWatch cannot publish through AWS's own key, and one of ours is a dollar a month
  name = "${var.name}-alarms"
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "OurAlarmsTellTheTopic"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.emails

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} More: docs/runbook.md, Alarms."
  namespace           = try(each.value.namespace, var.metric_namespace)
  metric_name         = each.value.metric
  dimensions          = try(each.value.dimensions, { service = each.value.stage })
  statistic           = each.value.statistic
  comparison_operator = can(each.value.under) ? "LessThanThreshold" : "GreaterThanThreshold"
  threshold           = try(each.value.under, each.value.over)
  period              = try(each.value.seconds, local.period_seconds[each.value.stage], local.minute_seconds)
  evaluation_periods  = try(each.value.periods, 1)
  datapoints_to_alarm = try(each.value.breaching, 1)
  treat_missing_data  = try(each.value.missing, "notBreaching") # a stage that did not run has no errors; that it did not run is told above
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]

  depends_on = [aws_sns_topic_policy.this]
}
