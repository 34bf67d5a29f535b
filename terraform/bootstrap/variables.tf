variable "project" {
  description = "The first word of every resource's name, the same as in the root."
  type        = string
  default     = "totesys"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.project))
    error_message = "project is '${var.project}': expected 2 to 12 lower-case letters and digits. Use the root's value."
  }
}

variable "region" {
  description = "The AWS region of the states and of the environments."
  type        = string
  default     = "eu-west-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is '${var.region}': expected the code of a region, such as eu-west-2. See: aws account list-regions."
  }
}

variable "account_id" {
  description = "The only account that this may be applied to; null accepts the account of the credentials."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is not 12 digits. See: aws sts get-caller-identity."
  }
}

variable "environments" {
  description = "The environments of this account. Each gets a boundary, and an apply role if repository is set."
  type        = set(string)
  default     = ["dev", "prod"]

  validation {
    condition = (
      length(var.environments) > 0 &&
      alltrue([for environment in var.environments : can(regex("^[a-z][a-z0-9]{1,7}$", environment))])
    )
    error_message = "environments must have at least one name of 2 to 8 lower-case letters and digits, as in terraform/envs. Correct it."
  }
}

variable "repository" {
  description = "The GitHub repository whose workflows deploy, as owner/name, or with its ids as owner@ID/name@ID; null creates no roles: operators then deploy with their own credentials."
  type        = string
  default     = null

  validation {
    condition = (
      var.repository == null ||
      can(regex("^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$|^[A-Za-z0-9_-]+@[1-9][0-9]*/[A-Za-z0-9._-]+@[1-9][0-9]*$", var.repository))
    )
    error_message = "repository is not owner/name or owner@ID/name@ID. Wildcards are refused, because every matching repository could deploy. Correct it."
  }
}

variable "owner_id" {
  description = "GitHub's numeric id of the repository's owner. With repository_id, roles trust only subjects with ids (repo:OWNER@ID/NAME@ID:…), as GitHub issues for repositories that were created, renamed or transferred since 2026-07-15."
  type        = string
  default     = null

  validation {
    condition     = var.owner_id == null || can(regex("^[1-9][0-9]*$", var.owner_id))
    error_message = "owner_id is not a number. See: gh api repos/OWNER/NAME --jq .owner.id."
  }

  validation {
    condition     = (var.owner_id == null) == (var.repository_id == null)
    error_message = "Only one of owner_id and repository_id is set, but a subject has both ids or none. Set both, or neither."
  }
}

variable "repository_id" {
  description = "GitHub's numeric id of the repository; see owner_id."
  type        = string
  default     = null

  validation {
    condition     = var.repository_id == null || can(regex("^[1-9][0-9]*$", var.repository_id))
    error_message = "repository_id is not a number. See: gh api repos/OWNER/NAME --jq .id."
  }

  validation {
    condition = (
      var.repository_id == null
      ? true
      : var.repository != null && !strcontains(coalesce(var.repository, "@"), "@")
    )
    error_message = "repository_id needs repository in the form owner/name, without ids. Correct repository."
  }
}

variable "oidc_provider_arn" {
  description = "The ARN of GitHub's OIDC provider if the account already has it (there can be only one); null creates it."
  type        = string
  default     = null

  validation {
    condition = (
      var.oidc_provider_arn == null ||
      can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token[.]actions[.]githubusercontent[.]com$", var.oidc_provider_arn))
    )
    error_message = "oidc_provider_arn is not the ARN of GitHub's provider. See: aws iam list-open-id-connect-providers."
  }
}

variable "noncurrent_days" {
  description = "Days for which an earlier state can be restored."
  type        = number
  default     = 90 # the same as for objects deleted from a lake

  validation {
    condition     = var.noncurrent_days >= 30 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of at least 30: a broken state is noticed late. Raise it."
  }
}

variable "refuse_plain_http" {
  description = "Whether the bucket refuses requests without TLS. Off only for an emulator without TLS."
  type        = bool
  default     = true
}
