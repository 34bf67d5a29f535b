output "state_bucket" {
  description = "The bucket for the states: -backend-config=\"bucket=…\"."
  value       = aws_s3_bucket.state.bucket
}

output "boundaries" {
  description = "The ARN of the boundary of the stages' roles, by environment."
  value       = { for environment, policy in aws_iam_policy.boundary : environment => policy.arn }
}

output "plan_role_arn" {
  description = "The ARN of the role for the plans of pull requests; null without a repository."
  value       = one(aws_iam_role.plan[*].arn)
}

output "apply_role_arns" {
  description = "The ARN of the role that deploys each environment; empty without a repository."
  value       = { for environment, role in aws_iam_role.apply : environment => role.arn }
}
