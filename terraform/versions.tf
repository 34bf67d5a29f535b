terraform {
  required_version = "~> 1.11" # the first version with the S3 backend's own lock file (use_lockfile)

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.66.0"
    }
  }

  # envs/<environment>.s3.tfbackend sets the rest; the command line sets the bucket, whose name contains the account's
  # id.
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
