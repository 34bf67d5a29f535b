variable "name" {
  description = "The rule's name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.name))
    error_message = "name is '${var.name}': expected up to 64 letters, digits, dots, dashes and underscores. Shorten it."
  }
}

variable "description" {
  description = "What the rule invokes, and why."
  type        = string

  validation {
    condition     = length(var.description) > 0
    error_message = "description is empty. Say what the rule invokes."
  }
}

variable "minutes" {
  description = "Minutes between two runs."
  type        = number

  validation {
    condition     = var.minutes >= 1 && floor(var.minutes) == var.minutes
    error_message = "minutes is ${var.minutes}: expected a whole number of at least 1, EventBridge's shortest rate. Correct it."
  }
}

variable "enabled" {
  description = "Whether the rule fires."
  type        = bool
  default     = true
}

variable "function" {
  description = "The function to invoke: its name and its ARN."
  type        = object({ name = string, arn = string })

  validation {
    condition     = startswith(var.function.arn, "arn:")
    error_message = "function.arn is '${var.function.arn}': expected a function's ARN. Pass a stage's output."
  }
}
