# A schedule for one function. A tick that cannot be delivered is dropped: the next one does the same work.

resource "aws_cloudwatch_event_rule" "this" {
  name        = var.name
  description = var.description
  # EventBridge requires the correct plural.
  schedule_expression = var.minutes == 1 ? "rate(1 minute)" : "rate(${var.minutes} minutes)"
  state               = var.enabled ? "ENABLED" : "DISABLED"
}

resource "aws_cloudwatch_event_target" "this" {
  rule      = aws_cloudwatch_event_rule.this.name
  target_id = "function"
  arn       = var.function.arn

  retry_policy {
    maximum_event_age_in_seconds = 60 # the minimum of EventBridge
    maximum_retry_attempts       = 0
  }

  depends_on = [aws_lambda_permission.this]
}

resource "aws_lambda_permission" "this" {
  statement_id  = "${var.name}-fires"
  action        = "lambda:InvokeFunction"
  function_name = var.function.name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this.arn
}
