output "s3_endpoint_id" {
  description = "The id of the gateway endpoint to S3; null if none was requested."
  value       = one(aws_vpc_endpoint.s3[*].id)
}

output "ssm_endpoint_id" {
  description = "The id of the endpoint to SSM; null if none was requested."
  value       = one(aws_vpc_endpoint.ssm[*].id)
}
