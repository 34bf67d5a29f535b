variable "buckets" {
  description = "The buckets' names, by what we call them."
  type        = map(string)

  validation {
    condition     = alltrue([for name in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "A bucket's name must be 3 to 63 lower-case letters, digits and dashes. Got: ${join(", ", values(var.buckets))}. Shorten project or environment."
  }
}

variable "noncurrent_days" {
  description = "Days for which an object that somebody deleted or replaced can be restored."
  type        = number

  validation {
    condition     = var.noncurrent_days >= 30 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be whole and at least 30: what was deleted by mistake is noticed late. Raise it."
  }
}

variable "refuse_plain_http" {
  description = "Whether requests without TLS are refused. Off only for an emulator, which has none."
  type        = bool
  default     = true
}

variable "force_destroy" {
  description = "Whether destroying a bucket takes what is in it along."
  type        = bool
  default     = false
}
