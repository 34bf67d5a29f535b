# An operator with all rights applies this root once: the bucket for the states of the environments, the boundaries of
# their roles, and the two kinds of roles that GitHub's workflows assume. Nothing here reads the pipeline's data.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  partition  = "arn:${data.aws_partition.current.partition}"
  account_id = data.aws_caller_identity.current.account_id
  regional   = "${var.region}:${local.account_id}"
  github     = "token.actions.githubusercontent.com"
  has_roles  = var.repository != null

  # The resources of an environment, by the names in the main.tf of the root.
  resources = {
    for environment in var.environments : environment => {
      buckets    = "${local.partition}:s3:::${var.project}-${environment}-*-${local.account_id}-${var.region}"
      functions  = "${local.partition}:lambda:${local.regional}:function:${var.project}-${environment}-*"
      roles      = "${local.partition}:iam::${local.account_id}:role/${var.project}/${environment}/*"
      log_groups = "${local.partition}:logs:${local.regional}:log-group:/aws/lambda/${var.project}-${environment}-*"
      rules      = "${local.partition}:events:${local.regional}:rule/${var.project}-${environment}-*"
      queues     = "${local.partition}:sqs:${local.regional}:${var.project}-${environment}-*"
      topics     = "${local.partition}:sns:${local.regional}:${var.project}-${environment}-*"
      alarms     = "${local.partition}:cloudwatch:${local.regional}:alarm:${var.project}-${environment}-*"
      dashboards = "${local.partition}:cloudwatch::${local.account_id}:dashboard/${var.project}-${environment}"
      parameters = "${local.partition}:ssm:${local.regional}:parameter/${var.project}/${environment}/*"
      state      = "${aws_s3_bucket.state.arn}/${environment}/terraform.tfstate"
      state_lock = "${aws_s3_bucket.state.arn}/${environment}/terraform.tfstate.tflock"
    }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.has_roles && var.oidc_provider_arn == null ? 1 : 0

  url            = "https://${local.github}"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  oidc_provider_arn = (
    var.oidc_provider_arn != null
    ? var.oidc_provider_arn
    : one(aws_iam_openid_connect_provider.github[*].arn)
  )
}

# Who may assume which role: the exact subjects of GitHub's tokens.
# https://docs.github.com/en/actions/concepts/security/openid-connect
locals {
  repository_parts = split("/", coalesce(var.repository, "none/none"))
  # With both ids only GitHub's immutable form: a name alone may later belong to another owner.
  repository_subject = (
    var.owner_id == null || var.repository_id == null
    ? "repo:${join("/", local.repository_parts)}"
    : "repo:${local.repository_parts[0]}@${var.owner_id}/${local.repository_parts[1]}@${var.repository_id}"
  )
  subjects = merge(
    { plan = ["${local.repository_subject}:pull_request", "${local.repository_subject}:ref:refs/heads/main"] },
    { for environment in var.environments : environment => ["${local.repository_subject}:environment:${environment}"] },
  )
}

data "aws_iam_policy_document" "trust" {
  for_each = local.has_roles ? local.subjects : {}

  statement {
    sid     = "JobsOfTheRepositoryTakeThisRole"
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [local.oidc_provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.github}:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.github}:sub"
      values   = each.value
    }
  }
}
