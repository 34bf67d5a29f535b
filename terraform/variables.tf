variable "project" {
  description = "The first word of every resource's name."
  type        = string
  default     = "totesys"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.project))
    error_message = "project is '${var.project}': expected 2 to 12 lower-case letters and digits, because it is part of the buckets' names. Choose a shorter word."
  }
}

variable "environment" {
  description = "The copy of the pipeline, such as dev or prod. Its files are envs/<environment>.tfvars and envs/<environment>.s3.tfbackend."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,7}$", var.environment))
    error_message = "environment is '${var.environment}': expected 2 to 8 lower-case letters and digits, such as dev or prod. Correct envs/<environment>.tfvars."
  }
}

variable "region" {
  description = "The AWS region of all resources."
  type        = string
  default     = "eu-west-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is '${var.region}': expected the code of a region, such as eu-west-2. See: aws account list-regions."
  }
}

variable "account_id" {
  description = "The only account that this may be deployed to; null accepts the account of the credentials."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is not 12 digits. See: aws sts get-caller-identity."
  }
}

variable "code_version" {
  description = "The version of the code in the zips, which each manifest and log line names: a digest of the zips, written by make build into build/zips-version. Not a commit: with one, a plan of unchanged code would never be empty."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z._-]{1,64}$", var.code_version))
    error_message = "code_version is '${var.code_version}': expected up to 64 letters, digits, dots, dashes and underscores. Use the one that make build wrote: cat build/zips-version."
  }
}

variable "zips" {
  description = "The path of each stage's zip; the defaults are where make build writes them."
  type = object({
    ingest    = optional(string, "../build/ingest.zip")
    transform = optional(string, "../build/transform.zip")
    load      = optional(string, "../build/load.zip")
    reconcile = optional(string, "../build/reconcile.zip")
  })
  default = {}

  validation {
    condition     = alltrue([for path in values(var.zips) : fileexists(path)])
    error_message = "There is no ${join(" and no ", [for path in values(var.zips) : path if !fileexists(path)])}. Run: make build."
  }
}

variable "stages" {
  description = "The memory in MB and the timeout in seconds of each stage."
  type = object({
    ingest = optional(object({
      # Three times the 300 MB for rows of one long text; Lambda's CPU grows with memory, 1,769 MB are one core.
      memory_mb = optional(number, 1024)
      # Ingest reads for 60 % of it, then commits, and the next run continues. Half of alarm_minutes.ingest.
      timeout_seconds = optional(number, 300)
    }), {})
    transform = optional(object({
      memory_mb = optional(number, 1769) # one core: it mostly computes, and running twice as fast costs the same
      # Lambda's limit: half of it is for missing batches, the rest for the batch that it begins last, of up to 20
      # million rows.
      timeout_seconds = optional(number, 900)
    }), {})
    load = optional(object({
      memory_mb       = optional(number, 1024) # it mostly waits for the warehouse
      timeout_seconds = optional(number, 900)  # Lambda's limit: a batch of any size loads in one transaction
    }), {})
    reconcile = optional(object({
      memory_mb       = optional(number, 512) # twice its peak; the databases compute
      timeout_seconds = optional(number, 900) # Lambda's limit
    }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for stage in values(var.stages) : stage.memory_mb >= 512 && stage.memory_mb <= 10240])
    error_message = "memory_mb must be from 512 (the peak of a stage) to 10240 (Lambda's limit) for each stage. Correct stages."
  }

  validation {
    condition = alltrue([
      for stage in values(var.stages) :
      stage.timeout_seconds >= 60 && stage.timeout_seconds <= 900
    ])
    error_message = "timeout_seconds must be from 60 (a cold start, a connection and some work) to 900 (Lambda's limit) for each stage. Correct stages."
  }
}

variable "batch_rows" {
  description = "The maximum number of rows in a batch; null uses ingest's default."
  type        = number
  default     = null

  validation {
    condition     = var.batch_rows == null ? true : var.batch_rows >= 1000 && floor(var.batch_rows) == var.batch_rows
    error_message = "batch_rows must be a whole number of at least 1000: with smaller batches a first load never ends. Correct it, or omit it."
  }
}

variable "hints" {
  description = "Whether ingest uses change hints of the source: off, shadow (it compares them with its scans), or slot (it reads only the rows that they name). See docs/hints.md."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["off", "shadow", "slot"], var.hints)
    error_message = "hints is '${var.hints}': expected off, shadow or slot. Correct it."
  }
}

variable "hint_audit_minutes" {
  description = "With hints = slot: minutes from a scan until the next one is due, which finds changes that hints have missed."
  type        = number
  default     = 60

  validation {
    condition = (
      var.hint_audit_minutes >= 1 && var.hint_audit_minutes <= 1440 &&
      floor(var.hint_audit_minutes) == var.hint_audit_minutes
    )
    error_message = "hint_audit_minutes must be a whole number from 1 to 1440. Correct it."
  }
}

variable "hints_wal_limit_gb" {
  description = "The source's max_slot_wal_keep_size in gigabytes. With hints, an alarm goes off at half of it."
  type        = number
  default     = 10 # as the SQL of `totesys hints setup` proposes

  validation {
    condition     = var.hints_wal_limit_gb >= 1
    error_message = "hints_wal_limit_gb must be at least 1: the slot keeps 256 MB on a quiet model. Correct it."
  }
}

variable "minutes" {
  description = "Minutes between two runs of ingest, of load, and of transform's sweep, which derives batches whose event was lost."
  type = object({
    ingest = optional(number, 1) # a change arrives within minutes; EventBridge has no shorter rate
    load   = optional(number, 1) # as above
    # Events are rarely lost; with load every 5 minutes, too, a batch that the sweep derives is loaded before the
    # freshness alarm.
    sweep = optional(number, 5)
  })
  default = {}

  validation {
    condition     = alltrue([for minutes in values(var.minutes) : minutes >= 1 && floor(minutes) == minutes])
    error_message = "minutes must be whole numbers of at least 1, EventBridge's shortest rate. Correct minutes."
  }

  validation {
    condition     = var.minutes.ingest * 2 <= var.alarm_minutes.ingest
    error_message = "Ingest runs every ${var.minutes.ingest} minutes, but the alarm waits only ${var.alarm_minutes.ingest} minutes for a run that succeeds. Let it run at least twice in that time: shorten minutes.ingest, or lengthen alarm_minutes.ingest."
  }

  validation {
    condition     = var.minutes.ingest * 60 + var.stages.ingest.timeout_seconds <= var.alarm_minutes.ingest * 60
    error_message = "A run of ingest may start ${var.minutes.ingest} minutes after the one before and take ${var.stages.ingest.timeout_seconds} seconds, but the alarm waits only ${var.alarm_minutes.ingest} minutes for one that succeeds. Shorten minutes.ingest or stages.ingest.timeout_seconds, or lengthen alarm_minutes.ingest."
  }

  validation {
    condition     = var.minutes.load * 2 <= var.alarm_minutes.freshness
    error_message = "Load runs every ${var.minutes.load} minutes, but the alarm waits only ${var.alarm_minutes.freshness} minutes for a batch to be loaded. Let it run at least twice in that time: shorten minutes.load, or lengthen alarm_minutes.freshness."
  }

  validation {
    condition     = var.minutes.sweep + var.minutes.load < var.alarm_minutes.freshness
    error_message = "A batch whose event was lost waits ${var.minutes.sweep} minutes for the sweep and ${var.minutes.load} for load, but the alarm goes off after ${var.alarm_minutes.freshness}: it would report a delay that ends by itself. Shorten minutes.sweep, or lengthen alarm_minutes.freshness."
  }
}

variable "proof" {
  description = "The proof that source, warehouse and lakes agree: minutes between two proofs (0 for none), the number of proofs that compare every row once, and the objects of older batches that a proof reads."
  type = object({
    minutes  = optional(number, 60)
    slices   = optional(number, 24) # with a proof each hour, every row is compared once a day
    requests = optional(number, 1000)
  })
  default = {}

  validation {
    condition = var.proof.minutes == 0 || (
      var.proof.minutes >= 15 && var.proof.minutes <= 600 && floor(var.proof.minutes) == var.proof.minutes
    )
    error_message = "proof.minutes is ${var.proof.minutes}: expected 0, or a whole number from 15 (Lambda's limit for a run) to 600 (CloudWatch looks back a day for two missing proofs). Correct it."
  }

  validation {
    condition = (
      var.proof.slices >= 1 && var.proof.slices <= 10000 && floor(var.proof.slices) == var.proof.slices &&
      var.proof.requests >= 1 && var.proof.requests <= 1000000 && floor(var.proof.requests) == var.proof.requests
    )
    error_message = "proof.slices must be a whole number from 1 to 10000, and proof.requests one from 1 to 1000000. Correct them."
  }
}

variable "alarm_minutes" {
  description = "Minutes after which an alarm goes off: without a success of ingest, with a batch that is not loaded, with an open transaction in the source."
  type = object({
    ingest    = optional(number, 10) # ten failed runs in a row have a lasting cause
    freshness = optional(number, 15) # the delay that is promised to analysts
    fence     = optional(number, 60) # no regular transaction of this application lasts an hour
  })
  default = {}

  validation {
    condition = alltrue([
      for minutes in values(var.alarm_minutes) :
      minutes >= 1 && minutes <= 1440 && floor(minutes) == minutes
    ])
    error_message = "alarm_minutes must be whole numbers from 1 to 1440: CloudWatch looks back a day at most. Correct alarm_minutes."
  }
}

variable "alarm_emails" {
  description = "The addresses that receive the alarms. Each must confirm the subscription in a mail from AWS."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "alarm_emails has an entry that is not an e-mail address. Correct it."
  }
}

variable "paused" {
  description = "Whether the schedules are disabled. Then stages run only after a notification of S3 or when an operator invokes them, and the heartbeat and freshness alarms go off."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days for which log lines are kept."
  type        = number
  default     = 30 # a month; the lake's manifests keep the history of all batches

  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180,
      365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}, which CloudWatch does not offer. Choose 7, 14, 30, 60, 90, 180, 365 or another of its steps; 0 would keep log lines without limit."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the stages. Without it, the batch and request id in the log lines connect the stages."
  type        = bool
  default     = false
}

variable "noncurrent_days" {
  description = "Days for which a deleted or replaced object can be restored."
  type        = number
  default     = 90 # a quarter of a year: long enough to notice a mistake

  validation {
    condition     = var.noncurrent_days >= 30 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of at least 30: a mistaken deletion is noticed late. Raise it."
  }
}

variable "force_destroy" {
  description = "Whether destroying the buckets also deletes their objects; never in prod."
  type        = bool
  default     = false

  validation {
    condition     = !(var.force_destroy && var.environment == "prod")
    error_message = "force_destroy would let one command delete prod's lakes. Leave it off. To delete the lakes, empty the buckets first."
  }
}

variable "refuse_plain_http" {
  description = "Whether the buckets refuse requests without TLS. Off only for an emulator without TLS; never in prod."
  type        = bool
  default     = true

  validation {
    condition     = var.refuse_plain_http || var.environment != "prod"
    error_message = "refuse_plain_http is off only for an emulator without TLS. Leave it on in prod."
  }
}

variable "secrets_key_arn" {
  description = "The KMS key that encrypts the two SecureStrings; null for AWS's own key for parameters, which needs no grant."
  type        = string
  default     = null

  validation {
    condition = (
      var.secrets_key_arn == null ||
      can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.secrets_key_arn))
    )
    error_message = "secrets_key_arn is not the ARN of a key (grants need the key, not an alias). See: aws kms describe-key --key-id alias/NAME."
  }
}

variable "bounded" {
  description = "Whether the stages' roles have the boundary that terraform/bootstrap created for this environment. Its apply role creates no role without it."
  type        = bool
  default     = false
}

variable "vpc" {
  description = "The VPC in which ingest, load and reconcile run if the databases have no public address; null for none. Endpoints are created only on request."
  type = object({
    id = string
    # In different zones if the endpoint to SSM is created: it takes one subnet of each zone.
    subnet_ids         = set(string)
    security_group_ids = set(string)
    # The route tables that get a route to our gateway endpoint to S3; none if the VPC has an endpoint.
    route_table_ids = optional(set(string), [])
    ssm_endpoint    = optional(bool, true) # false if the VPC already reaches SSM by an endpoint or NAT
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0
    error_message = "vpc needs at least one subnet and one security group, from which the databases can be reached. Add them."
  }
}
