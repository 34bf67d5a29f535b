variable "name" {
  description = "The function's name, which its role, log group and queue share."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,50}$", var.name))
    error_message = "name is '${var.name}': expected up to 51 lower-case letters, digits and dashes, so that every derived name fits. Shorten it."
  }
}

variable "description" {
  description = "What the stage does, in a sentence."
  type        = string

  validation {
    condition     = length(var.description) > 0 && length(var.description) <= 256
    error_message = "description must have 1 to 256 characters, Lambda's limit. Shorten it."
  }
}

variable "zip_path" {
  description = "Where the stage's zip lies."
  type        = string

  validation {
    condition     = fileexists(var.zip_path)
    error_message = "There is no ${var.zip_path}. Run: make build."
  }
}

variable "environment" {
  description = "What the function is told: names and places, never a secret."
  type        = map(string)

  validation {
    condition     = alltrue([for value in values(var.environment) : !can(regex("^[a-z]+://[^/]*@|^postgres", value))])
    error_message = "environment holds a URL of a database or one with a password: ${join(", ", [for key, value in var.environment : key if can(regex("^[a-z]+://[^/]*@|^postgres", value))])}. Put it into an SSM parameter, and name that."
  }
}

variable "memory_mb" {
  description = "Memory in MB; Lambda gives CPU by it, one core for 1,769 MB."
  type        = number

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "memory_mb is ${var.memory_mb}: expected 128 to 10240, Lambda's limits. Correct it."
  }
}

variable "timeout_seconds" {
  description = "Seconds after which a run is ended."
  type        = number

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "timeout_seconds is ${var.timeout_seconds}: expected 1 to 900, Lambda's limits. Correct it."
  }
}

variable "rights" {
  description = "All that the stage may do besides writing its log, each by a name that reads as a sentence; conditions are equalities."
  type = map(object({
    actions    = set(string)
    resources  = set(string)
    conditions = optional(map(string), {})
  }))

  validation {
    condition     = alltrue(flatten([for right in values(var.rights) : [for action in right.actions : !strcontains(action, "*")]]))
    error_message = "rights has an action with a wildcard. Name the actions that the stage calls."
  }

  validation {
    condition     = alltrue(flatten([for right in values(var.rights) : [for resource in right.resources : startswith(resource, "arn:")]]))
    error_message = "rights has a resource that is no ARN. Name what the stage touches."
  }
}

variable "failed_runs" {
  description = "What becomes of an event whose run failed: how often it is tried again, until which age, and whether it is kept as a dead letter."
  type = object({
    retries         = number
    max_age_seconds = number
    keep            = bool
  })

  validation {
    condition     = contains([0, 1, 2], var.failed_runs.retries)
    error_message = "failed_runs.retries is ${var.failed_runs.retries}: Lambda tries again 0, 1 or 2 times. Correct it."
  }

  validation {
    condition     = var.failed_runs.max_age_seconds >= 60 && var.failed_runs.max_age_seconds <= 21600
    error_message = "failed_runs.max_age_seconds is ${var.failed_runs.max_age_seconds}: Lambda keeps an event for 60 to 21600 seconds. Correct it."
  }
}

variable "role_path" {
  description = "The path below which the role lies; who deploys may make roles only there."
  type        = string

  validation {
    condition     = can(regex("^/([a-z0-9-]+/)+$", var.role_path))
    error_message = "role_path is '${var.role_path}': expected a path that begins and ends with a slash, as /totesys/dev/. Correct it."
  }
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds what the role may ever be given; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is no policy's ARN. Hand over the one that terraform/bootstrap made, or null."
  }
}

variable "log_retention_days" {
  description = "Days for which log lines are kept."
  type        = number

  validation {
    condition     = var.log_retention_days >= 1
    error_message = "log_retention_days must be at least 1; 0 would keep lines for ever. Raise it."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the runs."
  type        = bool
  default     = false
}

variable "vpc" {
  description = "The subnets and security groups that the function works from; null for none."
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
