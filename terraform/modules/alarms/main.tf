# The alarms, in one map. The description of each alarm says what to do, and which log lines have the ids and messages.

locals {
  minute_seconds = 60

  # Without proofs, reconcile has neither a function nor a schedule.
  functions     = { for stage, function in var.functions : stage => function if function != null }
  every_minutes = { for stage, minutes in var.every_minutes : stage => minutes if minutes != null }

  # The time between two runs of a stage. With shorter periods, most periods would have no data point. Transform runs
  # with each batch. So does load, beside its schedule: more runs in a period change no alarm, because each counts the
  # periods with a failure, and not the failures.
  period_seconds = merge(
    { transform = local.minute_seconds },
    { for stage, minutes in local.every_minutes : stage => minutes * local.minute_seconds },
  )

  # Missing data counts only when CloudWatch finds fewer data points than the alarm evaluates, and CloudWatch looks
  # back some periods further: with one period of ten minutes the alarm would go off after half an hour. So an alarm
  # for missing data has short periods.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  silence_seconds = max(1, floor(var.minutes.freshness / 3)) * local.minute_seconds

  # Lambda sends Errors and Duration after the end of an invocation, with the time of its start, and an alarm ignores
  # data points older than its window. So the windows below are as long as the longest run, plus some minutes until
  # CloudWatch has the data point.
  # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  publication_seconds = 5 * local.minute_seconds
  longest_run_seconds = {
    for stage, function in local.functions :
    stage => ceil(function.timeout_seconds / local.minute_seconds) * local.minute_seconds
  }

  # The longest waits between three runs. A stage with a schedule starts at its next tick, or one tick later if that
  # tick met the run at work and yielded (which is no error). Lambda tries an event of transform again after one
  # minute, and then after two.
  # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
  waits_seconds = merge(
    { transform = 3 * local.minute_seconds },
    { for stage in keys(local.every_minutes) : stage => 2 * local.period_seconds[stage] },
  )

  # The number of periods that three successive runs of full length take; at least five.
  periods_of_three_runs = {
    for stage, seconds in local.longest_run_seconds :
    stage => max(5, ceil(
      (3 * seconds + local.waits_seconds[stage] + local.publication_seconds)
      / local.period_seconds[stage]
    ))
  }

  # Errors and warnings of a stage, newest last. A run that Lambda ended for its time or its memory logs nothing;
  # Lambda's report does.
  errors_of = {
    for stage, function in local.functions :
    stage => "aws logs tail /aws/lambda/${function.name} --since 1h --filter-pattern '{ $.level = \"ERROR\" || $.level = \"WARN\" || ($.type = \"platform.report\" && $.record.status != \"success\") }'"
  }

  alarms_of_each_function = merge([
    for stage, function in local.functions : {
      "errors-${stage}" = {
        description = "Runs of ${stage} fail. The runbook has an entry for the error code in the log line. See: ${local.errors_of[stage]}"
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = function.name }
        statistic   = "Sum"
        over        = 0
        seconds     = local.period_seconds[stage]
        periods     = local.periods_of_three_runs[stage]
        breaching   = 3 # the run after a failed one does its work; three failed runs have a lasting cause
      }
      "throttles-${stage}" = {
        description = "Lambda throttles runs of ${stage}: the account runs too many functions at once. Nothing is lost; a later run does the work. See: aws lambda get-account-settings, and request a higher limit: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000"
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = function.name }
        statistic   = "Sum"
        over        = 0
        seconds     = local.period_seconds[stage]
        periods     = 5
        breaching   = 3 # as above; a throttled run has no length, so its data point is not late
      }
      "duration-${stage}" = {
        description = "A run of ${stage} took more than 80 % of its ${function.timeout_seconds} seconds, or Lambda ended it at this timeout and it must start again. Raise its memory, which also raises its CPU, or its timeout: variable stages. See: aws logs tail /aws/lambda/${function.name} --since 1h"
        namespace   = "AWS/Lambda"
        metric      = "Duration"
        dimensions  = { FunctionName = function.name }
        statistic   = "Maximum"
        # In milliseconds; at the timeout it would be too late to act.
        over = function.timeout_seconds * 1000 * 0.8
        # One period: the data point may be as old as the run is long.
        seconds = local.longest_run_seconds[stage] + local.publication_seconds
      }
    }
  ]...)

  alarms_of_the_pipeline = {
    dead-letters = {
      description = "Transform failed three times for an event, up to 15 minutes ago: SQS reports an idle queue that late. The next run derives its batch, unless it fails, too. See: ${local.errors_of.transform} Then: make redrive ENV=…, which runs totesys redrive: it invokes transform again with each dead letter, and deletes those that succeed."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = var.dead_letters_queue }
      statistic   = "Maximum"
      over        = 0
      # SQS reports a queue that was idle up to 15 minutes late.
      seconds = 15 * local.minute_seconds + local.publication_seconds
    }
    quarantine-ingest = {
      description = "The source has rows that cannot be carried. They are in quarantine, with the reason (_quarantine/ of the ingestion bucket); all other rows arrive. See: totesys quarantine list, then totesys quarantine show TABLE KEY. Fix them in the source: the next run reads them again. A later OK means that no more such rows came, not that these are fixed."
      metric      = "RowsQuarantined"
      stage       = "ingest"
      statistic   = "Sum"
      over        = 0
    }
    quarantine-transform = {
      description = "Rows break the contract of the warehouse. They are in quarantine, with the reason (_quarantine/ of the processed bucket); all other rows arrive. See: totesys quarantine list, then totesys quarantine show TABLE KEY. Fix them in the source: the next run reads them again. A later OK means that no more such rows came, not that these are fixed."
      metric      = "RowsQuarantined"
      stage       = "transform"
      statistic   = "Sum"
      over        = 0
    }
    batch-blocked = {
      description = "A batch cannot be loaded, and later batches wait for it. Its number and the reason: ${local.errors_of.load} Then: totesys batch show N. Fix the cause (after rows are fixed in the source, the batch loads by itself), or run totesys batch accept N to load it without its quarantined rows."
      metric      = "BatchesBlocked"
      stage       = "load"
      statistic   = "Maximum"
      over        = 0
      periods     = local.periods_of_three_runs.load # during a run of some minutes there is no data point
      breaching   = 3                                # runs; by then another session has released its lock
    }
    ingest-heartbeat = {
      description = "No run of ingest has succeeded for ${var.minutes.ingest} minutes; changes of the source do not reach the warehouse. See: ${local.errors_of.ingest} If there is no line at all, check that the rule exists and is enabled (paused = true disables it): aws events describe-rule --name ${var.functions.ingest.name}"
      metric      = "RunsSucceeded"
      stage       = "ingest"
      statistic   = "Sum"
      under       = 1
      seconds     = local.minute_seconds
      periods     = var.minutes.ingest # all of these minutes without a success
      breaching   = var.minutes.ingest
      missing     = "breaching" # without a run there is no data point
    }
    freshness = {
      description = "A batch has waited more than ${var.minutes.freshness} minutes to be loaded, or load does not run. Which stage it waits for: totesys status. Then: ${local.errors_of.load}"
      metric      = "OldestUnloadedSeconds"
      stage       = "load"
      statistic   = "Maximum"
      over        = var.minutes.freshness * local.minute_seconds
      seconds     = local.silence_seconds # one data point above the limit is enough
      missing     = "breaching"           # load emits it at each run, even if no batch waits
    }
    fence-age = {
      description = "A transaction at the source has been open for more than ${var.minutes.fence} minutes. Nothing is lost, but each run reads the rows changed since then again. Find it: select pid, usename, application_name, xact_start from pg_stat_activity where backend_xid is not null order by xact_start limit 5; also pg_prepared_xacts. Have its owner end it, or: select pg_terminate_backend(pid)."
      metric      = "FenceAgeSeconds"
      stage       = "ingest"
      statistic   = "Maximum"
      over        = var.minutes.fence * local.minute_seconds
    }
  }

  alarms_of_hints = var.hints_wal_limit_gb == null ? {} : {
    retained-wal = {
      description = "The source keeps more WAL for the slot of the change hints than half of its limit, ${var.hints_wal_limit_gb} GB. Beyond the limit the slot is invalidated, and ingest scans. If no run advances it, see: totesys hints check, and the alarm fence-age. If ingest no longer runs, run the SQL of: totesys hints remove."
      metric      = "RetainedWalBytes"
      stage       = "ingest"
      statistic   = "Maximum"
      over        = var.hints_wal_limit_gb * 1024 * 1024 * 1024 / 2
    }
    hints-missed = {
      description = "A scan found changes that change hints have missed. The batch of that scan carries them; nothing is lost. Set hints = \"off\" and report it, with the log line hint:missed: aws logs tail /aws/lambda/${var.functions.ingest.name} --since 1h"
      metric      = "HintsMissed"
      stage       = "ingest"
      statistic   = "Sum"
      over        = 0
    }
  }

  # Two intervals and a run: one proof may fail, because the next one takes its slice.
  oldest_proof_minutes = try(
    2 * local.every_minutes.reconcile +
    (local.longest_run_seconds.reconcile + local.publication_seconds) / local.minute_seconds, 0
  )

  alarms_of_proofs = { for key, alarm in {
    proof-differs = {
      description = "A proof has found rows of the warehouse that differ from the source, or faults of the history, of the lakes or of the ledger. It compares them again in each proof until they are equal. See: totesys status, then totesys reconcile; to have the rows read again: totesys reconcile --repair. Which ones: ${try(local.errors_of.reconcile, "")}"
      metric      = "RowsDiffering"
      stage       = "reconcile"
      statistic   = "Maximum"
      over        = 0
      periods     = 2 # a period may have no proof, and the next one two
    }
    proof-age = {
      description = "No proof has ended for ${local.oldest_proof_minutes} minutes, so a difference between source and warehouse would go unnoticed. The next proof that succeeds takes the same slice. See: ${try(local.errors_of.reconcile, "")}"
      metric      = "ProofSucceeded"
      stage       = "reconcile"
      statistic   = "Sum"
      under       = 1
      seconds     = local.minute_seconds
      periods     = local.oldest_proof_minutes
      breaching   = local.oldest_proof_minutes
      missing     = "breaching" # without a proof there is no data point
    }
  } : key => alarm if contains(keys(local.functions), "reconcile") }

  alarms = merge(
    local.alarms_of_each_function, local.alarms_of_the_pipeline, local.alarms_of_hints, local.alarms_of_proofs,
  )
}

resource "aws_sns_topic" "this" {
  #checkov:skip=CKV_AWS_26:It carries the sentences above and no rows; CloudWatch cannot publish with AWS's own key, and a key of ours costs a dollar a month
  name = "${var.name}-alarms"
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsPublishToTheTopic"
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
  # A stage that did not run has no errors; the alarms above report that it did not run.
  treat_missing_data = try(each.value.missing, "notBreaching")
  alarm_actions      = [aws_sns_topic.this.arn]
  ok_actions         = [aws_sns_topic.this.arn]

  depends_on = [aws_sns_topic_policy.this]
}
