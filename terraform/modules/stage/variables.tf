variable "name" {
  description = "The function's name, which its role, log group and queue share."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,50}$", var.name))
    error_message = "name is '${var.name}': expected up to 51 lower-case letters, digits and dashes, because other names derive from it. Shorten it."
  }
}

variable "description" {
  description = "One sentence that says what the stage does."
  type        = string

  validation {
    condition     = length(var.description) > 0 && length(var.description) <= 256
    error_message = "description must have 1 to 256 characters, Lambda's limit. Shorten it."
  }
}

variable "zip_path" {
  description = "The path of the stage's zip."
  type        = string

  validation {
    condition     = fileexists(var.zip_path)
    error_message = "There is no ${var.zip_path}. Run: make build."
  }
}

variable "environment" {
  description = "The environment variables of the function: names and places, never a secret."
  type        = map(string)

  validation {
    condition     = alltrue([for value in values(var.environment) : !can(regex("^[a-z]+://[^/]*@|^postgres", value))])
    error_message = "environment has the URL of a database, or a URL with a password: ${join(", ", [for key, value in var.environment : key if can(regex("^[a-z]+://[^/]*@|^postgres", value))])}. Put it into an SSM parameter, and pass the name of the parameter."
  }
}

variable "memory_mb" {
  description = "Memory in MB. Lambda's CPU grows with it: one core for 1,769 MB."
  type        = number

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "memory_mb is ${var.memory_mb}: expected 128 to 10240, Lambda's limits. Correct it."
  }
}

variable "timeout_seconds" {
  description = "The timeout of a run in seconds."
  type        = number

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "timeout_seconds is ${var.timeout_seconds}: expected 1 to 900, Lambda's limits. Correct it."
  }
}

variable "rights" {
  description = "The rights of the stage besides writing its log. Each key reads as a sentence; conditions are equalities."
  type = map(object({
    actions    = set(string)
    resources  = set(string)
    conditions = optional(map(string), {})
  }))

  validation {
    condition = alltrue(flatten([
      for right in values(var.rights) :
      [for action in right.actions : !strcontains(action, "*")]
    ]))
    error_message = "rights has an action with a wildcard. Name the actions that the stage calls."
  }

  validation {
    condition = alltrue(flatten([
      for right in values(var.rights) :
      [for resource in right.resources : startswith(resource, "arn:")]
    ]))
    error_message = "rights has a resource that is not an ARN. Name the resources that the stage uses."
  }
}

variable "failed_runs" {
  description = "What happens to the event of a failed run: the number of retries, the maximum age, and whether it is kept as a dead letter."
  type = object({
    retries         = number
    max_age_seconds = number
    keep            = bool
  })

  validation {
    condition     = contains([0, 1, 2], var.failed_runs.retries)
    error_message = "failed_runs.retries is ${var.failed_runs.retries}: Lambda allows 0, 1 or 2 retries. Correct it."
  }

  validation {
    condition     = var.failed_runs.max_age_seconds >= 60 && var.failed_runs.max_age_seconds <= 21600
    error_message = "failed_runs.max_age_seconds is ${var.failed_runs.max_age_seconds}: Lambda keeps an event for 60 to 21600 seconds. Correct it."
  }
}

variable "role_path" {
  description = "The path of the role; the apply role may create roles only there."
  type        = string

  validation {
    condition     = can(regex("^/([a-z0-9-]+/)+$", var.role_path))
    error_message = "role_path is '${var.role_path}': expected a path that begins and ends with a slash, such as /totesys/dev/. Correct it."
  }
}

variable "permissions_boundary_arn" {
  description = "The policy that limits the rights of the role (its boundary); null for none."
  type        = string
  default     = null

  validation {
    condition = (
      var.permissions_boundary_arn == null ||
      can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    )
    error_message = "permissions_boundary_arn is not the ARN of a policy. Pass the one that terraform/bootstrap created, or null."
  }
}

variable "log_retention_days" {
  description = "Days for which log lines are kept."
  type        = number

  validation {
    condition     = var.log_retention_days >= 1
    error_message = "log_retention_days must be at least 1: 0 would keep log lines without limit. Raise it."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the runs."
  type        = bool
  default     = false
}

variable "vpc" {
  description = "The subnets and security groups of the function; null for none."
  type = object({
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0
    error_message = "vpc needs at least one subnet and one security group. Add them."
  }
}
