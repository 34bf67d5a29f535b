variable "project" {
  description = "What everything is called after; the first word of each name."
  type        = string
  default     = "totesys"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.project))
    error_message = "project is '${var.project}': expected 2 to 12 lower-case letters and digits, since the buckets' names hold it. Choose a shorter word."
  }
}

variable "environment" {
  description = "Which copy of the pipeline this is; its files are envs/<environment>.tfvars and envs/<environment>.s3.tfbackend."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,7}$", var.environment))
    error_message = "environment is '${var.environment}': expected 2 to 8 lower-case letters and digits, as dev or prod. Name it so in envs/<environment>.tfvars."
  }
}

variable "region" {
  description = "The AWS region of all of it."
  type        = string
  default     = "eu-west-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is '${var.region}': expected a region's code, as eu-west-2. See: aws account list-regions."
  }
}

variable "account_id" {
  description = "The one account that this may be deployed to; null takes whichever the credentials are of."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is not 12 digits. See: aws sts get-caller-identity."
  }
}

variable "code_version" {
  description = "The version of the code in the zips, which each manifest and log line names: a digest of the zips, as make build leaves it in build/zips-version. No commit: a plan of the same code would never be empty."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z._-]{1,64}$", var.code_version))
    error_message = "code_version is '${var.code_version}': expected up to 64 letters, digits, dots, dashes and underscores. Take what make build left: cat build/zips-version."
  }
}

variable "zips" {
  description = "Where each stage's zip lies, as make build leaves them."
  type = object({
    ingest    = optional(string, "../build/ingest.zip")
    transform = optional(string, "../build/transform.zip")
    load      = optional(string, "../build/load.zip")
  })
  default = {}

  validation {
    condition     = alltrue([for path in values(var.zips) : fileexists(path)])
    error_message = "There is no ${join(" and no ", [for path in values(var.zips) : path if !fileexists(path)])}. Run: make build."
  }
}

variable "stages" {
  description = "What each stage may use: memory in MB, and time in seconds."
  type = object({
    ingest = optional(object({
      memory_mb       = optional(number, 1024) # twice the 512 MB that no stage exceeded; Lambda gives CPU by memory, 1,769 MB are one core
      timeout_seconds = optional(number, 300)  # it reads for 60 % of it, commits, and the next tick goes on: half of the heartbeat alarm's wait
    }), {})
    transform = optional(object({
      memory_mb       = optional(number, 1769) # one core: it computes rather than waits, and twice as fast costs the same
      timeout_seconds = optional(number, 900)  # Lambda's limit: half of it is for batches that are missing, the rest for the one begun last, which may hold 20 million rows
    }), {})
    load = optional(object({
      memory_mb       = optional(number, 1024) # it waits for the warehouse most of the time
      timeout_seconds = optional(number, 900)  # Lambda's limit: a batch loads in one transaction, however large it is
    }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for stage in values(var.stages) : stage.memory_mb >= 512 && stage.memory_mb <= 10240])
    error_message = "memory_mb must be 512 (what a stage may take at its peak) to 10240 (Lambda's limit) for each stage. Correct stages."
  }

  validation {
    condition     = alltrue([for stage in values(var.stages) : stage.timeout_seconds >= 60 && stage.timeout_seconds <= 900])
    error_message = "timeout_seconds must be 60 (a cold start, a connection and some work) to 900 (Lambda's limit) for each stage. Correct stages."
  }
}

variable "batch_rows" {
  description = "Rows that one batch holds at most; null leaves it to ingest."
  type        = number
  default     = null

  validation {
    condition     = var.batch_rows == null ? true : var.batch_rows >= 1000 && floor(var.batch_rows) == var.batch_rows
    error_message = "batch_rows must be a whole number of at least 1000, below which a first load never ends. Correct it, or leave it out."
  }
}

variable "minutes" {
  description = "Minutes between two runs: of ingest, of load, and of transform's sweep for what a lost event left."
  type = object({
    ingest = optional(number, 1) # a change arrives within minutes; EventBridge knows no shorter rate
    load   = optional(number, 1) # as above
    sweep  = optional(number, 5) # events are lost rarely: as late as what it finds is loaded before the freshness alarm, with load every 5 minutes, too
  })
  default = {}

  validation {
    condition     = alltrue([for minutes in values(var.minutes) : minutes >= 1 && floor(minutes) == minutes])
    error_message = "minutes must be whole and at least 1, EventBridge's shortest rate. Correct minutes."
  }

  validation {
    condition     = var.minutes.ingest * 2 <= var.alarm_minutes.ingest
    error_message = "Ingest runs every ${var.minutes.ingest} minutes, but the alarm waits only ${var.alarm_minutes.ingest} minutes for a run that succeeds. Let it run at least twice in that time: shorten minutes.ingest, or lengthen alarm_minutes.ingest."
  }

  validation {
    condition     = var.minutes.ingest * 60 + var.stages.ingest.timeout_seconds <= var.alarm_minutes.ingest * 60
    error_message = "A run of ingest may begin ${var.minutes.ingest} minutes after the one before and take ${var.stages.ingest.timeout_seconds} seconds, but the alarm waits only ${var.alarm_minutes.ingest} minutes for one that succeeds. Shorten minutes.ingest or stages.ingest.timeout_seconds, or lengthen alarm_minutes.ingest."
  }

  validation {
    condition     = var.minutes.load * 2 <= var.alarm_minutes.freshness
    error_message = "Load runs every ${var.minutes.load} minutes, but the alarm waits only ${var.alarm_minutes.freshness} minutes for a batch to be loaded. Let it run at least twice in that time: shorten minutes.load, or lengthen alarm_minutes.freshness."
  }

  validation {
    condition     = var.minutes.sweep + var.minutes.load < var.alarm_minutes.freshness
    error_message = "A batch whose event was lost waits ${var.minutes.sweep} minutes for the sweep and ${var.minutes.load} for load, but the alarm tells after ${var.alarm_minutes.freshness}: what mends itself would wake somebody. Shorten minutes.sweep, or lengthen alarm_minutes.freshness."
  }
}

variable "alarm_minutes" {
  description = "After how many minutes to tell: no success of ingest, a batch not loaded, a transaction left open at the source."
  type = object({
    ingest    = optional(number, 10) # ten failed ticks in a row are no hiccup
    freshness = optional(number, 15) # what analysts are promised
    fence     = optional(number, 60) # no honest transaction of this application lasts an hour
  })
  default = {}

  validation {
    condition     = alltrue([for minutes in values(var.alarm_minutes) : minutes >= 1 && minutes <= 1440 && floor(minutes) == minutes])
    error_message = "alarm_minutes must be whole, from 1 to 1440 (CloudWatch looks back a day at most). Correct alarm_minutes."
  }
}

variable "alarm_emails" {
  description = "Who gets the alarms; each address has to confirm the subscription that AWS mails to it."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "alarm_emails holds something that is no e-mail address. Correct it."
  }
}

variable "paused" {
  description = "Whether the schedules rest: nothing runs but what S3 notifies or a person invokes. The heartbeat and the freshness alarm will say so."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days for which log lines are kept."
  type        = number
  default     = 30 # a month to look back; the lake's manifests keep the history of what was done

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}, which CloudWatch does not offer: take 7, 14, 30, 60, 90, 180, 365 or another of its steps. 0 would keep lines for ever."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the stages; a log line's batch and request id lead through the pipeline without it."
  type        = bool
  default     = false
}

variable "noncurrent_days" {
  description = "Days for which an object that somebody deleted or replaced can be restored."
  type        = number
  default     = 90 # a quarter: long enough for the mistake to be noticed

  validation {
    condition     = var.noncurrent_days >= 30 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be whole and at least 30: what was deleted by mistake is noticed late. Raise it."
  }
}

variable "force_destroy" {
  description = "Whether destroying the buckets takes what is in them along; never in prod."
  type        = bool
  default     = false

  validation {
    condition     = !(var.force_destroy && var.environment == "prod")
    error_message = "force_destroy would let one command delete prod's lake. Leave it off; who means it empties the buckets first."
  }
}

variable "refuse_plain_http" {
  description = "Whether the buckets refuse requests without TLS. Off only for an emulator, which has none; never in prod."
  type        = bool
  default     = true

  validation {
    condition     = var.refuse_plain_http || var.environment != "prod"
    error_message = "refuse_plain_http is off only for an emulator without TLS. Leave it on in prod."
  }
}

variable "secrets_key_arn" {
  description = "The KMS key that the two SecureStrings are encrypted with; null where it is AWS's own for parameters, which needs no grant."
  type        = string
  default     = null

  validation {
    condition     = var.secrets_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.secrets_key_arn))
    error_message = "secrets_key_arn is no key's ARN (an alias is none: grants need the key). See: aws kms describe-key --key-id alias/NAME."
  }
}

variable "bounded" {
  description = "Whether the stages' roles carry the boundary that terraform/bootstrap made for this environment; its apply role makes no others."
  type        = bool
  default     = false
}

variable "vpc" {
  description = "Where ingest and load live when the databases have no public address; null for none. Endpoints are made as far as they are asked for."
  type = object({
    id                 = string
    subnet_ids         = set(string) # of zones that differ, where the endpoint to SSM is made: it takes one subnet a zone
    security_group_ids = set(string)
    route_table_ids    = optional(set(string), []) # which lead to S3 through a gateway endpoint of ours; none where the VPC has one
    ssm_endpoint       = optional(bool, true)      # false where the VPC has a way to SSM: an endpoint, or NAT
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0
    error_message = "vpc needs at least one subnet and one security group, from which the databases can be reached. Add them."
  }
}
