# Plans pull requests. Anyone with write access can open one, so this role reads settings and changes nothing, not
# even a lock (-lock=false). It is denied the databases' URLs and the rows of the lakes.

resource "aws_iam_role" "plan" {
  count = local.has_roles ? 1 : 0

  name               = "${var.project}-plan"
  path               = "/${var.project}-ci/" # outside every environment's path, where an apply role may write
  description        = "Plans ${var.project} for pull requests; reads settings alone."
  assume_role_policy = data.aws_iam_policy_document.trust["plan"].json
}

data "aws_iam_policy_document" "plan" {
  #checkov:skip=CKV_AWS_356:Listing supports no resources; everything else is named
  statement {
    sid       = "ReadTheStates"
    actions   = ["s3:GetObject"]
    resources = [for resources in values(local.resources) : resources.state]
  }

  statement {
    sid       = "FindTheStates"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }

  statement {
    sid       = "SeeHowBucketsAreSet"
    actions   = local.see_buckets
    resources = [for resources in values(local.resources) : resources.buckets]
  }

  dynamic "statement" {
    for_each = local.see

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = flatten([for resources in values(local.resources) : [for key in statement.value.of : resources[key]]])
    }
  }

  statement {
    sid       = "SeeWhatCanOnlyBeListed"
    actions   = local.see_by_list
    resources = ["*"]
  }

  statement {
    sid    = "NoUrlsAndNoRows"
    effect = "Deny"
    actions = [
      "sqs:ReceiveMessage",
      "ssm:GetParameter",
      "ssm:GetParameterHistory",
      "ssm:GetParameters",
      "ssm:GetParametersByPath",
    ]
    resources = ["*"]
  }

  statement {
    sid           = "NoObjectsButTheStates"
    effect        = "Deny"
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
    not_resources = [for resources in values(local.resources) : resources.state]
  }
}

resource "aws_iam_role_policy" "plan" {
  count = local.has_roles ? 1 : 0

  name   = "plan"
  role   = aws_iam_role.plan[0].name
  policy = data.aws_iam_policy_document.plan.json
}

# The read requests of the provider, for both kinds of roles.
locals {
  see_buckets = [
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListTagsForResource",
  ]

  see = {
    SeeFunctions = {
      of = ["functions"]
      actions = [
        "lambda:GetFunction",
        "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionEventInvokeConfig",
        "lambda:GetPolicy",
        "lambda:ListTags",
        "lambda:ListVersionsByFunction",
      ]
    }
    SeeRoles = {
      of = ["roles"]
      actions = [
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:ListRoleTags",
      ]
    }
    SeeRules = {
      of      = ["rules"]
      actions = ["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"]
    }
    SeeQueues     = { of = ["queues"], actions = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"] }
    SeeTopics     = { of = ["topics"], actions = ["sns:GetTopicAttributes", "sns:ListTagsForResource"] }
    SeeAlarms     = { of = ["alarms"], actions = ["cloudwatch:ListTagsForResource"] }
    SeeDashboards = { of = ["dashboards"], actions = ["cloudwatch:GetDashboard"] }
    SeeLogGroups  = { of = ["log_groups"], actions = ["logs:ListTagsForResource"] }
  }

  # These support no resource, or only all of them.
  see_by_list = [
    "cloudwatch:DescribeAlarms",
    # The provider reads the addresses of an interface endpoint, and the users of a group before it deletes it.
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRouteTables", # with DescribeVpcAttribute: the provider's data source of a VPC
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets", # this and DescribeVpcs: Lambda requires them from the role that puts a function into a VPC
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "logs:DescribeLogGroups",
    "sns:GetSubscriptionAttributes",
    "ssm:DescribeParameters",
  ]
}
