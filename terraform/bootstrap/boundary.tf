# The boundary: the rights that the role of a stage may have at most, whatever a change of Terraform says. It is the
# sum of the stages' rights in one environment. The apply role creates no role without it, so a deployment cannot get
# more rights.

data "aws_iam_policy_document" "boundary" {
  #checkov:skip=CKV_AWS_356:Describing network interfaces and writing traces support no resources
  #checkov:skip=CKV_AWS_111:A boundary grants no right; the rights that it limits are exact (module stage)
  for_each = local.resources

  statement {
    sid       = "ObjectsOfTheLakes"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
    resources = [each.value.buckets, "${each.value.buckets}/*"]
  }

  statement {
    sid       = "UrlsOfTheDatabases"
    actions   = ["ssm:GetParameter"]
    resources = [each.value.parameters]
  }

  statement {
    sid       = "KeysThroughSsm"
    actions   = ["kms:Decrypt"]
    resources = ["${local.partition}:kms:${local.regional}:key/*"]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ssm.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${each.value.log_groups}:log-stream:*"]
  }

  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [each.value.queues]
  }

  statement {
    sid = "NetworkInterfacesOfLambda"
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["${local.partition}:ec2:${local.regional}:*/*"]
  }

  statement {
    sid = "WhatKnowsNoResources"
    actions = [
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  for_each = local.resources

  name        = "boundary"
  path        = "/${var.project}/${each.key}/"
  description = "What a stage of ${var.project}-${each.key} may ever do."
  policy      = data.aws_iam_policy_document.boundary[each.key].json
}
