variable "bucket" {
  description = "The bucket that notifies: its id and its ARN."
  type        = object({ id = string, arn = string })

  validation {
    condition     = startswith(var.bucket.arn, "arn:")
    error_message = "bucket.arn is '${var.bucket.arn}': expected a bucket's ARN. Hand over a bucket of the buckets module."
  }
}

variable "account_id" {
  description = "The account that the bucket is of: its name alone could become somebody else's."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}': expected 12 digits. Hand over the caller's account."
  }
}

variable "function" {
  description = "The function to wake: its name and its ARN."
  type        = object({ name = string, arn = string })

  validation {
    condition     = startswith(var.function.arn, "arn:")
    error_message = "function.arn is '${var.function.arn}': expected a function's ARN. Hand over a stage's output."
  }
}

variable "filter_prefix" {
  description = "What the keys of the objects that it is woken for begin with."
  type        = string

  validation {
    condition     = endswith(var.filter_prefix, "/")
    error_message = "filter_prefix is '${var.filter_prefix}': expected a folder that ends with a slash; without one, every object would wake the function. Correct it."
  }
}

variable "filter_suffix" {
  description = "What they end with."
  type        = string

  validation {
    condition     = startswith(var.filter_suffix, ".")
    error_message = "filter_suffix is '${var.filter_suffix}': expected an ending as .json. Correct it."
  }
}
