output "topic_arn" {
  description = "The ARN of the topic that every alarm publishes to."
  value       = aws_sns_topic.this.arn
}

output "alarms" {
  description = "The name of each alarm, by its key in the module."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name }
}

output "period_seconds" {
  description = "The period of the alarms on a stage's runs, by stage."
  value       = local.period_seconds
}
