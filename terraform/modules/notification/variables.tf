variable "bucket" {
  description = "The bucket that notifies: its id and its ARN."
  type        = object({ id = string, arn = string })

  validation {
    condition     = startswith(var.bucket.arn, "arn:")
    error_message = "bucket.arn is '${var.bucket.arn}': expected a bucket's ARN. Pass a bucket of the module buckets."
  }
}

variable "account_id" {
  description = "The account of the bucket: after a bucket is deleted, another account may create one with its name."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}': expected 12 digits. Pass the caller's account."
  }
}

variable "function" {
  description = "The function to invoke: its name and its ARN."
  type        = object({ name = string, arn = string })

  validation {
    condition     = startswith(var.function.arn, "arn:")
    error_message = "function.arn is '${var.function.arn}': expected a function's ARN. Pass a stage's output."
  }
}

variable "filter_prefix" {
  description = "The prefix of the keys for which the function is invoked."
  type        = string

  validation {
    condition     = endswith(var.filter_prefix, "/")
    error_message = "filter_prefix is '${var.filter_prefix}': expected a folder that ends with a slash; with an empty prefix every object would invoke the function. Correct it."
  }
}

variable "filter_suffix" {
  description = "The suffix of the keys for which the function is invoked."
  type        = string

  validation {
    condition     = startswith(var.filter_suffix, ".")
    error_message = "filter_suffix is '${var.filter_suffix}': expected a suffix such as .json. Correct it."
  }
}
