output "state_bucket" {
  description = "The bucket of the states: -backend-config=\"bucket=…\"."
  value       = aws_s3_bucket.state.bucket
}

output "boundaries" {
  description = "The ARN of the policy that bounds the stages' roles, by environment."
  value       = { for environment, policy in aws_iam_policy.boundary : environment => policy.arn }
}

output "plan_role_arn" {
  description = "The role that pull requests plan with; null where there is no repository."
  value       = one(aws_iam_role.plan[*].arn)
}

output "apply_role_arns" {
  description = "The role that each environment is deployed with; none where there is no repository."
  value       = { for environment, role in aws_iam_role.apply : environment => role.arn }
}
