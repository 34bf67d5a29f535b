output "rule_arn" {
  description = "The ARN of the rule."
  value       = aws_cloudwatch_event_rule.this.arn
}

output "expression" {
  description = "The rate of the rule, in EventBridge's syntax."
  value       = aws_cloudwatch_event_rule.this.schedule_expression
}

output "enabled" {
  description = "Whether the rule fires."
  value       = aws_cloudwatch_event_rule.this.state == "ENABLED"
}
