variable "buckets" {
  description = "The names of the buckets, by our own keys."
  type        = map(string)

  validation {
    condition     = alltrue([for name in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "A bucket's name must be 3 to 63 lower-case letters, digits and dashes. Got: ${join(", ", values(var.buckets))}. Shorten project or environment."
  }
}

variable "noncurrent_days" {
  description = "Days for which a deleted or replaced object can be restored."
  type        = number

  validation {
    condition     = var.noncurrent_days >= 30 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of at least 30: a mistaken deletion is noticed late. Raise it."
  }
}

variable "refuse_plain_http" {
  description = "Whether requests without TLS are refused. Off only for an emulator without TLS."
  type        = bool
  default     = true
}

variable "force_destroy" {
  description = "Whether destroying a bucket also deletes its objects."
  type        = bool
  default     = false
}
