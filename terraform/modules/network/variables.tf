variable "name" {
  description = "The first part of the names of the security group and the endpoints."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,50}$", var.name))
    error_message = "name is '${var.name}': expected up to 51 lower-case letters, digits and dashes. Shorten it."
  }
}

variable "region" {
  description = "The region of S3 and SSM."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is '${var.region}': expected the code of a region, such as eu-west-2. Correct it."
  }
}

variable "vpc" {
  description = "The VPC, the subnets and security groups of the functions, the route tables that get a route to S3, and whether SSM needs an endpoint."
  type = object({
    id                 = string
    subnet_ids         = set(string)
    security_group_ids = set(string)
    route_table_ids    = set(string)
    ssm_endpoint       = bool
  })

  validation {
    condition     = startswith(var.vpc.id, "vpc-")
    error_message = "vpc.id is '${var.vpc.id}': expected an id that begins with vpc-. See: aws ec2 describe-vpcs."
  }
}

variable "parameter_arns" {
  description = "The parameters that may be read through the SSM endpoint."
  type        = set(string)

  validation {
    condition = (
      length(var.parameter_arns) > 0 &&
      alltrue([for arn in var.parameter_arns : strcontains(arn, ":parameter/")])
    )
    error_message = "parameter_arns must be ARNs of parameters, because the endpoint allows nothing else. Correct it."
  }
}
