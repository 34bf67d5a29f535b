# Endpoints for a VPC without a route to AWS: a gateway endpoint to S3 (free) and an interface endpoint to SSM (about
# 8 USD a month for each zone). Logs need no endpoint: Lambda sends them. The endpoint takes the DNS name of SSM in
# the whole VPC, but accepts only our functions. If others use SSM from this VPC, create one endpoint for all of them
# and set ssm_endpoint to false.

resource "aws_vpc_endpoint" "s3" {
  count = length(var.vpc.route_table_ids) > 0 ? 1 : 0

  vpc_id            = var.vpc.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.s3"
  route_table_ids   = var.vpc.route_table_ids
  tags              = { Name = "${var.name}-s3" }
}

resource "aws_security_group" "ssm" {
  count = var.vpc.ssm_endpoint ? 1 : 0

  name        = "${var.name}-ssm"
  description = "Lets ${var.name} reach SSM."
  vpc_id      = var.vpc.id
  tags        = { Name = "${var.name}-ssm" }
}

resource "aws_vpc_security_group_ingress_rule" "ssm" {
  for_each = var.vpc.ssm_endpoint ? var.vpc.security_group_ids : []

  security_group_id            = aws_security_group.ssm[0].id
  description                  = "HTTPS from the functions."
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

data "aws_iam_policy_document" "ssm" {
  statement {
    sid       = "OnlyTheUrlsPass"
    actions   = ["ssm:GetParameter"]
    resources = var.parameter_arns
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

data "aws_vpc" "this" {
  count = var.vpc.ssm_endpoint ? 1 : 0

  id = var.vpc.id
}

resource "aws_vpc_endpoint" "ssm" {
  count = var.vpc.ssm_endpoint ? 1 : 0

  vpc_id              = var.vpc.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.ssm"
  subnet_ids          = var.vpc.subnet_ids
  security_group_ids  = [aws_security_group.ssm[0].id]
  private_dns_enabled = true # the SDK uses SSM's public DNS name
  policy              = data.aws_iam_policy_document.ssm.json
  tags                = { Name = "${var.name}-ssm" }

  # If either setting is off, EC2 refuses the endpoint's name, after other resources have been created.
  # https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
  lifecycle {
    precondition {
      condition     = data.aws_vpc.this[0].enable_dns_support && data.aws_vpc.this[0].enable_dns_hostnames
      error_message = "${var.vpc.id} has enableDnsSupport ${data.aws_vpc.this[0].enable_dns_support} and enableDnsHostnames ${data.aws_vpc.this[0].enable_dns_hostnames}: an endpoint that takes SSM's name needs both. Turn them on (aws ec2 modify-vpc-attribute --vpc-id ${var.vpc.id} --enable-dns-support, then the same with --enable-dns-hostnames), or set ssm_endpoint = false if the VPC reaches SSM in another way."
    }
  }
}
