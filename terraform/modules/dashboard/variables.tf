variable "name" {
  description = "The dashboard's name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.name))
    error_message = "name is '${var.name}': expected letters, digits, dashes and underscores. Correct it."
  }
}

variable "region" {
  description = "The region of the metrics and logs."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is '${var.region}': expected the code of a region, such as eu-west-2. Correct it."
  }
}

variable "metric_namespace" {
  description = "The namespace of the stages' own metrics; their dimension `service` is the stage."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9/._-]+$", var.metric_namespace)) && !startswith(var.metric_namespace, "AWS/")
    error_message = "metric_namespace is '${var.metric_namespace}': expected letters, digits and slashes, and not AWS's own. Correct it."
  }
}

variable "functions" {
  description = "The function of each stage."
  type = object({
    ingest    = object({ name = string })
    transform = object({ name = string })
    load      = object({ name = string })
    reconcile = optional(object({ name = string })) # null without proofs
  })

  validation {
    condition = alltrue([
      for function in values(var.functions) : function == null ? true : length(function.name) > 0
    ])
    error_message = "functions has a function without a name. Pass the stages' outputs."
  }
}

variable "dead_letters_queue" {
  description = "The name of the dead-letter queue of transform."
  type        = string

  validation {
    condition     = length(var.dead_letters_queue) > 0
    error_message = "dead_letters_queue is empty. Pass the queue of the stage that keeps dead letters."
  }
}

variable "freshness_minutes" {
  description = "The limit of the freshness alarm in minutes, drawn as a line."
  type        = number

  validation {
    condition     = var.freshness_minutes >= 1
    error_message = "freshness_minutes is ${var.freshness_minutes}: expected at least 1. Pass the limit of the alarm."
  }
}
