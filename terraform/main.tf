data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name       = "${var.project}-${var.environment}"
  account_id = data.aws_caller_identity.current.account_id
  # One for each environment, because two may share an account.
  metric_namespace = "${title(var.project)}/${var.environment}"

  # SecureStrings, written by `make secrets`: Terraform knows their names and never reads their values.
  parameters = {
    source_url    = "/${var.project}/${var.environment}/source-url"
    warehouse_url = "/${var.project}/${var.environment}/warehouse-url"
  }
  parameter_arns = {
    for key, name in local.parameters :
    key => "arn:${data.aws_partition.current.partition}:ssm:${var.region}:${local.account_id}:parameter${name}"
  }

  # terraform/bootstrap creates it with this name.
  boundary_arn = "arn:${data.aws_partition.current.partition}:iam::${local.account_id}:policy/${var.project}/${var.environment}/boundary"

  ingestion = module.buckets.buckets["ingestion"]
  processed = module.buckets.buckets["processed"]

  # Without proofs there is no function whose role reads both databases and both buckets.
  stages = { for key, stage in local.possible_stages : key => stage if key != "reconcile" || var.proof.minutes > 0 }

  # For each stage: its environment variables, its rights, and what happens to the event of a failed run.
  possible_stages = {
    ingest = {
      description = "Finds every change in the source since the last batch and commits it to the ingestion bucket."
      environment = merge(
        { SOURCE_URL_PARAMETER = local.parameters.source_url, INGESTION_URI = local.ingestion.uri },
        var.batch_rows == null ? {} : { BATCH_ROWS = tostring(var.batch_rows) },
        var.hints == "off" ? {} : { HINTS = var.hints },
        var.hints == "slot" ? { HINT_AUDIT_MINUTES = tostring(var.hint_audit_minutes) } : {},
      )
      rights = merge({
        ReadTheIngestionBucket  = { actions = ["s3:GetObject"], resources = ["${local.ingestion.arn}/*"] }
        WriteTheIngestionBucket = { actions = ["s3:PutObject"], resources = ["${local.ingestion.arn}/*"] }
        # For the whole bucket: with a condition on the prefix, S3 would answer `forbidden` for a missing object.
        ListTheIngestionBucket = { actions = ["s3:ListBucket"], resources = [local.ingestion.arn] }
        ReadTheSourceUrl       = { actions = ["ssm:GetParameter"], resources = [local.parameter_arns.source_url] }
      }, local.decrypt_parameters)
      failed_runs = { retries = 0, max_age_seconds = 60, keep = false } # the next tick is the retry
      in_vpc      = true
    }
    transform = {
      description = "Turns each batch of the ingestion bucket into rows of the star schema, in the processed bucket."
      environment = { INGESTION_URI = local.ingestion.uri, PROCESSED_URI = local.processed.uri }
      rights = {
        ReadTheIngestionBucket  = { actions = ["s3:GetObject"], resources = ["${local.ingestion.arn}/*"] }
        ListTheIngestionBucket  = { actions = ["s3:ListBucket"], resources = [local.ingestion.arn] }
        ReadTheProcessedBucket  = { actions = ["s3:GetObject"], resources = ["${local.processed.arn}/*"] }
        WriteTheProcessedBucket = { actions = ["s3:PutObject"], resources = ["${local.processed.arn}/*"] }
        ListTheProcessedBucket  = { actions = ["s3:ListBucket"], resources = [local.processed.arn] }
      }
      # Lambda waits 1 and 2 minutes; within an hour the sweep derives the batch.
      failed_runs = { retries = 2, max_age_seconds = 3600, keep = true }
      in_vpc      = false # it needs only S3
    }
    load = {
      description = "Brings each batch of the processed bucket into the warehouse, in order, in one transaction."
      environment = {
        WAREHOUSE_URL_PARAMETER = local.parameters.warehouse_url
        INGESTION_URI           = local.ingestion.uri
        PROCESSED_URI           = local.processed.uri
      }
      rights = merge({
        ReadTheProcessedBucket = { actions = ["s3:GetObject"], resources = ["${local.processed.arn}/*"] }
        ListTheProcessedBucket = { actions = ["s3:ListBucket"], resources = [local.processed.arn] }
        # For the age of the oldest waiting batch, also before transform has derived it: manifests, no rows.
        ReadTheManifestsOfIngestion = {
          actions   = ["s3:GetObject"]
          resources = ["${local.ingestion.arn}/_manifests/*"]
        }
        ListTheIngestionBucket = { actions = ["s3:ListBucket"], resources = [local.ingestion.arn] }
        ReadTheWarehouseUrl = {
          actions   = ["ssm:GetParameter"]
          resources = [local.parameter_arns.warehouse_url]
        }
      }, local.decrypt_parameters)
      failed_runs = { retries = 0, max_age_seconds = 60, keep = false }
      in_vpc      = true
    }
    reconcile = {
      description = "Proves that source, warehouse and lakes agree: what is new, and a slice of everything else."
      environment = {
        SOURCE_URL_PARAMETER    = local.parameters.source_url
        WAREHOUSE_URL_PARAMETER = local.parameters.warehouse_url
        INGESTION_URI           = local.ingestion.uri
        PROCESSED_URI           = local.processed.uri
        PROOF_SLICES            = tostring(var.proof.slices)
        PROOF_REQUESTS          = tostring(var.proof.requests)
      }
      rights = merge({
        ReadTheIngestionBucket = { actions = ["s3:GetObject"], resources = ["${local.ingestion.arn}/*"] }
        ListTheIngestionBucket = { actions = ["s3:ListBucket"], resources = [local.ingestion.arn] }
        ReadTheProcessedBucket = { actions = ["s3:GetObject"], resources = ["${local.processed.arn}/*"] }
        ListTheProcessedBucket = { actions = ["s3:ListBucket"], resources = [local.processed.arn] }
        WriteProofs            = { actions = ["s3:PutObject"], resources = ["${local.processed.arn}/_proofs/*"] }
        ReadBothUrls           = { actions = ["ssm:GetParameter"], resources = values(local.parameter_arns) }
      }, local.decrypt_parameters)
      failed_runs = { retries = 0, max_age_seconds = 60, keep = false } # the next tick takes the same slice
      in_vpc      = true
    }
  }

  decrypt_parameters = var.secrets_key_arn == null ? {} : {
    DecryptParametersThroughSsm = {
      actions    = ["kms:Decrypt"]
      resources  = [var.secrets_key_arn]
      conditions = { "kms:ViaService" = "ssm.${var.region}.amazonaws.com" }
    }
  }
}

# The state records its environment, so that the variables of another one are never applied to it.
resource "terraform_data" "environment" {
  input = var.environment

  lifecycle {
    ignore_changes = [input]
  }
}

module "buckets" {
  source = "./modules/buckets"

  buckets = {
    for key in ["ingestion", "processed"] : key => "${local.name}-${key}-${local.account_id}-${var.region}"
  }
  noncurrent_days   = var.noncurrent_days
  refuse_plain_http = var.refuse_plain_http
  force_destroy     = var.force_destroy
}

module "stage" {
  source   = "./modules/stage"
  for_each = local.stages

  name        = "${local.name}-${each.key}"
  description = each.value.description
  zip_path    = var.zips[each.key]
  environment = merge(each.value.environment, {
    CODE_VERSION     = var.code_version
    METRIC_NAMESPACE = local.metric_namespace
  })
  memory_mb                = var.stages[each.key].memory_mb
  timeout_seconds          = var.stages[each.key].timeout_seconds
  rights                   = each.value.rights
  failed_runs              = each.value.failed_runs
  role_path                = "/${var.project}/${var.environment}/"
  permissions_boundary_arn = var.bounded ? local.boundary_arn : null
  log_retention_days       = var.log_retention_days
  tracing                  = var.tracing
  vpc                      = each.value.in_vpc ? var.vpc : null
}

module "schedule" {
  source = "./modules/schedule"
  for_each = { for key, schedule in {
    ingest = { stage = "ingest", minutes = var.minutes.ingest, description = "Wakes ingest." }
    load   = { stage = "load", minutes = var.minutes.load, description = "Wakes load." }
    sweep = {
      stage       = "transform"
      minutes     = var.minutes.sweep
      description = "Wakes transform for what a lost event left."
    }
    proof = { stage = "reconcile", minutes = var.proof.minutes, description = "Wakes reconcile." }
  } : key => schedule if contains(keys(local.stages), schedule.stage) }

  name        = "${local.name}-${each.key}"
  description = each.value.description
  minutes     = each.value.minutes
  enabled     = !var.paused
  function    = module.stage[each.value.stage].function
}

# Each stage that a manifest starts, and the bucket of that manifest. If an event is lost, or its run yields, the batch
# waits at most until the next tick of the stage's schedule.
module "notification" {
  source = "./modules/notification"
  for_each = {
    transform = local.ingestion
    load      = local.processed
  }

  bucket        = each.value
  account_id    = local.account_id
  function      = module.stage[each.key].function
  filter_prefix = "_manifests/" # a manifest is written last: it commits the batch
  filter_suffix = ".json"
}

# Without this block, Terraform would create the bucket's notification, and then delete it under its old address.
moved {
  from = module.notification
  to   = module.notification["transform"]
}

module "alarms" {
  source = "./modules/alarms"

  name             = local.name
  account_id       = local.account_id
  metric_namespace = local.metric_namespace
  functions = {
    for key, stage in module.stage :
    key => merge(stage.function, { timeout_seconds = var.stages[key].timeout_seconds })
  }
  dead_letters_queue = module.stage["transform"].dead_letters.name
  minutes            = var.alarm_minutes
  every_minutes = {
    ingest    = var.minutes.ingest
    load      = var.minutes.load
    reconcile = var.proof.minutes > 0 ? var.proof.minutes : null
  }
  emails             = var.alarm_emails
  hints_wal_limit_gb = var.hints == "off" ? null : var.hints_wal_limit_gb
}

module "dashboard" {
  source = "./modules/dashboard"

  name               = local.name
  region             = var.region
  metric_namespace   = local.metric_namespace
  functions          = { for key, stage in module.stage : key => stage.function }
  dead_letters_queue = module.stage["transform"].dead_letters.name
  freshness_minutes  = var.alarm_minutes.freshness
}

module "network" {
  source = "./modules/network"
  count  = var.vpc == null ? 0 : 1

  name           = local.name
  region         = var.region
  vpc            = var.vpc
  parameter_arns = toset(values(local.parameter_arns))
}
