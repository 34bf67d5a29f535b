output "topic_arn" {
  description = "The ARN of the topic that every alarm tells."
  value       = aws_sns_topic.this.arn
}

output "alarms" {
  description = "The name of each alarm, by what it watches."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name }
}

output "period_seconds" {
  description = "How often the alarms on a stage's runs look, by stage."
  value       = local.period_seconds
}
