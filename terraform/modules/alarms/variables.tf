variable "name" {
  description = "The first part of the names of the topic and of each alarm."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,50}$", var.name))
    error_message = "name is '${var.name}': expected up to 51 lower-case letters, digits and dashes. Shorten it."
  }
}

variable "account_id" {
  description = "The account whose alarms may publish to the topic."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}': expected 12 digits. Pass the caller's account."
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
  description = "The function of each stage: its name, and the timeout of a run in seconds."
  type = object({
    ingest    = object({ name = string, timeout_seconds = number })
    transform = object({ name = string, timeout_seconds = number })
    load      = object({ name = string, timeout_seconds = number })
    reconcile = optional(object({ name = string, timeout_seconds = number })) # null without proofs
  })

  validation {
    condition = alltrue([
      for function in values(var.functions) : function == null ? true :
      function.timeout_seconds >= 1 && function.timeout_seconds <= 900
    ])
    error_message = "functions has a timeout that is not 1 to 900 seconds. Pass the function's own."
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

variable "minutes" {
  description = "Minutes after which an alarm goes off: without a success of ingest, with a batch that is not loaded, with an open transaction in the source."
  type        = object({ ingest = number, freshness = number, fence = number })

  validation {
    condition = alltrue([
      for minutes in values(var.minutes) :
      minutes >= 1 && minutes <= 1440 && floor(minutes) == minutes
    ])
    error_message = "minutes must be whole numbers from 1 to 1440: CloudWatch looks back a day at most. Correct it."
  }
}

variable "every_minutes" {
  description = "Minutes between two runs of the stages that have a schedule; also the period of the alarms on these stages."
  type        = object({ ingest = number, load = number, reconcile = optional(number) })

  validation {
    condition = alltrue([
      for minutes in values(var.every_minutes) : minutes == null ? true :
      minutes >= 1 && minutes <= 1440 && floor(minutes) == minutes
    ])
    error_message = "every_minutes must be whole numbers from 1 to 1440: five runs must be within the week that CloudWatch looks back at most. Pass the schedules' own."
  }
}

variable "hints_wal_limit_gb" {
  description = "The gigabytes of WAL that the source keeps for a slot at most; null without change hints, and then without their alarms."
  type        = number
  default     = null

  validation {
    condition     = var.hints_wal_limit_gb == null ? true : var.hints_wal_limit_gb >= 1
    error_message = "hints_wal_limit_gb must be at least 1. Pass the source's max_slot_wal_keep_size."
  }
}

variable "emails" {
  description = "The addresses that receive the alarms; each must confirm its subscription."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "emails has an entry that is not an e-mail address. Correct it."
  }
}
