# Deploys one environment. Only jobs of that GitHub environment assume this role, after the approval that the
# environment requires. It creates, changes and removes resources with the environment's names, and roles only below
# its path and within its boundary. It may not delete an object of a lake. But it may set lifecycle rules, policies and
# code that can: docs/decisions/0013 says what these policies do not prevent.

resource "aws_iam_role" "apply" {
  for_each = local.has_roles ? var.environments : []

  name               = "${var.project}-apply-${each.key}"
  path               = "/${var.project}-ci/"
  description        = "Deploys ${var.project}-${each.key}."
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json
}

data "aws_iam_policy_document" "apply" {
  #checkov:skip=CKV_AWS_356:Listing supports no resources, and network endpoints have no ids before they are created; everything else is named
  #checkov:skip=CKV_AWS_111:As above
  #checkov:skip=CKV_AWS_109:Roles are created only below a path and within a boundary
  for_each = local.resources

  statement {
    sid       = "KeepTheState"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = [each.value.state, each.value.state_lock]
  }

  statement {
    sid       = "GiveTheLockBack"
    actions   = ["s3:DeleteObject"]
    resources = [each.value.state_lock]
  }

  statement {
    sid       = "FindTheState"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }

  statement {
    sid       = "SeeHowBucketsAreSet"
    actions   = local.see_buckets
    resources = [each.value.buckets]
  }

  dynamic "statement" {
    for_each = local.see

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = [for key in statement.value.of : each.value[key]]
    }
  }

  statement {
    sid       = "SeeWhatCanOnlyBeListed"
    actions   = local.see_by_list
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = local.change

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = [for key in statement.value.of : each.value[key]]
    }
  }

  statement {
    sid       = "MakeRolesWithinTheBoundary"
    actions   = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = [each.value.roles]
    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = ["${local.partition}:iam::${local.account_id}:policy/${var.project}/${each.key}/boundary"]
    }
  }

  statement {
    sid       = "HandRolesToLambda"
    actions   = ["iam:PassRole"]
    resources = [each.value.roles]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com"]
    }
  }

  # SNS supports no resources for an existing subscription.
  statement {
    sid       = "EndSubscriptions"
    actions   = ["sns:Unsubscribe"]
    resources = ["*"]
  }

  # EC2's ids are not known in advance. So the right depends on tags, which only the request that creates a resource
  # can set.
  statement {
    sid       = "ChangeItsOwnEndpoints"
    actions   = local.change_network
    resources = [for type in local.own_network : "${local.partition}:ec2:${local.regional}:${type}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Project"
      values   = [var.project]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  # For a change of an endpoint EC2 also checks each subnet, route table and group in the request. These belong to the
  # VPC and do not have our tags. The statement above covers the endpoint itself:
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
  statement {
    sid     = "NamePlacesOfTheVpcInItsOwnEndpoints"
    actions = ["ec2:ModifyVpcEndpoint"]
    resources = [
      for type in ["route-table", "security-group", "subnet"] :
      "${local.partition}:ec2:${local.regional}:${type}/*"
    ]
  }

  statement {
    sid     = "MakeEndpoints"
    actions = ["ec2:CreateSecurityGroup", "ec2:CreateVpcEndpoint"]
    resources = [
      for type in ["route-table", "security-group", "subnet", "vpc", "vpc-endpoint"] :
      "${local.partition}:ec2:${local.regional}:${type}/*"
    ]
  }

  # The endpoint takes SSM's name in the VPC. EC2 associates the VPC with AWS's own zone, with the rights of the role
  # that creates the endpoint.
  statement {
    sid       = "GiveEndpointsTheServicesName"
    actions   = ["route53:AssociateVPCWithHostedZone"]
    resources = ["${local.partition}:route53:::hostedzone/*"]
  }

  statement {
    sid     = "MakeRulesOfItsOwnGroups"
    actions = ["ec2:AuthorizeSecurityGroupIngress"]
    # The statement above covers the group itself.
    resources = ["${local.partition}:ec2:${local.regional}:security-group-rule/*"]
  }

  statement {
    sid       = "TagWhatIsBeingMade"
    actions   = ["ec2:CreateTags"]
    resources = [for type in local.own_network : "${local.partition}:ec2:${local.regional}:${type}/*"]
    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "CreateVpcEndpoint"]
    }
  }

  statement {
    sid       = "NoUrls"
    effect    = "Deny"
    actions   = ["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "apply" {
  for_each = aws_iam_role.apply

  name   = "apply"
  role   = each.value.name
  policy = data.aws_iam_policy_document.apply[each.key].json
}

locals {
  change = {
    ChangeBuckets = {
      of = ["buckets"]
      actions = [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketNotification",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:TagResource",
        "s3:UntagResource",
      ]
    }
    ChangeFunctions = {
      of = ["functions"]
      actions = [
        "lambda:AddPermission",
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:DeleteFunctionEventInvokeConfig",
        "lambda:InvokeFunction", # the smoke check after a deployment
        "lambda:PutFunctionEventInvokeConfig",
        "lambda:RemovePermission",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "lambda:UpdateFunctionEventInvokeConfig",
      ]
    }
    ChangeRoles = {
      of = ["roles"]
      actions = [
        "iam:DeleteRole",
        "iam:ListInstanceProfilesForRole",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ]
    }
    ChangeLogGroups = {
      of = ["log_groups"]
      actions = [
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ]
    }
    ChangeRules = {
      of = ["rules"]
      actions = [
        "events:DeleteRule",
        "events:DisableRule",
        "events:EnableRule",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:TagResource",
        "events:UntagResource",
      ]
    }
    ChangeQueues = {
      of      = ["queues"]
      actions = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]
    }
    ChangeTopics = {
      of = ["topics"]
      actions = [
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:SetTopicAttributes",
        "sns:Subscribe",
        "sns:TagResource",
        "sns:UntagResource",
      ]
    }
    ChangeAlarms = {
      of = ["alarms"]
      actions = [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ]
    }
    ChangeDashboards = {
      of      = ["dashboards"]
      actions = ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"]
    }
  }

  # The resources of the module network; all others in the VPC are not ours.
  own_network = ["security-group", "security-group-rule", "vpc-endpoint"]

  change_network = [
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateTags",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteTags",
    "ec2:DeleteVpcEndpoints",
    "ec2:ModifySecurityGroupRules",
    "ec2:ModifyVpcEndpoint",
    # EC2 creates a rule for outgoing traffic with each new group, and the provider removes it.
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
  ]
}
