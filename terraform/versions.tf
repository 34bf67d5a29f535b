terraform {
  required_version = "~> 1.11" # the S3 backend's own lock file (use_lockfile) is of 1.11

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.66.0"
    }
  }

  # The rest comes from envs/<environment>.s3.tfbackend; the bucket's name, which holds the account's id, from the command line.
  backend "s3" {}
}

provider "aws" {
  region              = var.region
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = {
      Project     = var.project
      Environment = var.environment
      ManagedBy   = "terraform"
    }
  }
}
