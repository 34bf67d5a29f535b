output "function" {
  description = "The function: its name and its ARN."
  value       = { name = aws_lambda_function.this.function_name, arn = aws_lambda_function.this.arn }
}

output "log_group" {
  description = "The name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "role_arn" {
  description = "The ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "dead_letters" {
  description = "The dead-letter queue: its name and its URL; null if dead letters are not kept."
  value = (
    var.failed_runs.keep
    ? { name = aws_sqs_queue.dead_letters[0].name, url = aws_sqs_queue.dead_letters[0].url }
    : null
  )
}
