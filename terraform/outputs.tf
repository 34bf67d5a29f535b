output "environment" {
  description = "The environment of this state."
  value       = terraform_data.environment.output

  precondition {
    condition     = terraform_data.environment.output == var.environment
    error_message = "This state is of '${terraform_data.environment.output}', but the variables are of '${var.environment}'. Name one environment for both: make plan ENV=${var.environment}."
  }
}

output "region" {
  description = "The region of all resources."
  value       = var.region
}

output "buckets" {
  description = "The URI of each bucket, as the command totesys expects it."
  value       = { for key, bucket in module.buckets.buckets : key => bucket.uri }
}

output "functions" {
  description = "The name of each stage's function."
  value       = { for key, stage in module.stage : key => stage.function.name }
}

output "log_groups" {
  description = "The log group of each stage."
  value       = { for key, stage in module.stage : key => stage.log_group }
}

output "parameters" {
  description = "The names of the SecureStrings with the databases' URLs."
  value       = local.parameters
}

output "dead_letters_url" {
  description = "The URL of the dead-letter queue of transform."
  value       = module.stage["transform"].dead_letters.url
}

output "metric_namespace" {
  description = "The CloudWatch namespace of the stages' own metrics."
  value       = local.metric_namespace
}

output "alarms" {
  description = "The name of each alarm, by its key in the module alarms."
  value       = module.alarms.alarms
}

output "alarm_topic_arn" {
  description = "The ARN of the topic that every alarm publishes to."
  value       = module.alarms.topic_arn
}

output "dashboard_url" {
  description = "The URL of the dashboard."
  value       = module.dashboard.url
}
