mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name   = "totesys-dev"
  region = "eu-west-2"
  vpc = {
    id                 = "vpc-1"
    subnet_ids         = ["subnet-1", "subnet-2"]
    security_group_ids = ["sg-1"]
    route_table_ids    = ["rtb-1"]
    ssm_endpoint       = true
  }
  parameter_arns = ["arn:aws:ssm:eu-west-2:123456789012:parameter/totesys/dev/source-url"]
}

run "creates_endpoints_to_s3_and_ssm" {
  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.s3[0].service_name == "com.amazonaws.eu-west-2.s3"
    error_message = "The endpoint to S3 is a gateway, which is free."
  }

  assert {
    condition     = aws_vpc_endpoint.ssm[0].vpc_endpoint_type == "Interface" && aws_vpc_endpoint.ssm[0].private_dns_enabled
    error_message = "The endpoint to SSM has SSM's own name."
  }

  assert {
    condition     = output.s3_endpoint_id == aws_vpc_endpoint.s3[0].id && output.ssm_endpoint_id == aws_vpc_endpoint.ssm[0].id
    error_message = "The outputs name both endpoints."
  }
}

run "accepts_only_the_functions_and_allows_only_the_parameters" {
  assert {
    condition = alltrue([
      for rule in values(aws_vpc_security_group_ingress_rule.ssm) :
      rule.referenced_security_group_id == "sg-1" && rule.from_port == 443 && rule.to_port == 443
    ]) && length(aws_vpc_security_group_ingress_rule.ssm) == 1
    error_message = "Only the functions may connect."
  }

  assert {
    condition = (
      data.aws_iam_policy_document.ssm.statement[0].actions == toset(["ssm:GetParameter"]) &&
      data.aws_iam_policy_document.ssm.statement[0].resources == var.parameter_arns
    )
    error_message = "Only the two parameters are allowed."
  }
}

run "creates_no_gateway_without_route_tables" {
  variables {
    vpc = { id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"], route_table_ids = [], ssm_endpoint = true }
  }

  assert {
    condition     = length(aws_vpc_endpoint.s3) == 0 && output.s3_endpoint_id == null && length(aws_vpc_endpoint.ssm) == 1
    error_message = "There is no endpoint to S3."
  }
}

run "creates_no_ssm_endpoint_if_the_vpc_has_one" {
  variables {
    vpc = { id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"], route_table_ids = ["rtb-1"], ssm_endpoint = false }
  }

  assert {
    condition     = length(aws_vpc_endpoint.ssm) == 0 && length(aws_security_group.ssm) == 0 && output.ssm_endpoint_id == null
    error_message = "There is no endpoint to SSM, and no security group for it."
  }
}

run "refuses_a_vpc_without_dns_host_names" {
  command = plan

  override_data {
    target          = data.aws_vpc.this
    override_during = plan
    values          = { enable_dns_support = true, enable_dns_hostnames = false }
  }

  expect_failures = [aws_vpc_endpoint.ssm]
}

run "refuses_a_vpc_without_dns_support" {
  command = plan

  override_data {
    target          = data.aws_vpc.this
    override_during = plan
    values          = { enable_dns_support = false, enable_dns_hostnames = true }
  }

  expect_failures = [aws_vpc_endpoint.ssm]
}

run "needs_no_dns_settings_without_an_ssm_endpoint" {
  command = plan

  variables {
    vpc = { id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"], route_table_ids = ["rtb-1"], ssm_endpoint = false }
  }

  override_data {
    target          = data.aws_vpc.this
    override_during = plan
    values          = { enable_dns_support = false, enable_dns_hostnames = false }
  }

  assert {
    condition     = length(data.aws_vpc.this) == 0
    error_message = "A gateway to S3 needs no DNS settings of the VPC."
  }
}

run "refuses_an_invalid_name" {
  command = plan

  variables {
    name = "Totesys"
  }

  expect_failures = [var.name]
}

run "refuses_an_invalid_region" {
  command = plan

  variables {
    region = "london"
  }

  expect_failures = [var.region]
}

run "refuses_an_invalid_vpc" {
  command = plan

  variables {
    vpc = { id = "main", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"], route_table_ids = [], ssm_endpoint = true }
  }

  expect_failures = [var.vpc]
}

run "refuses_an_endpoint_for_all_parameters" {
  command = plan

  variables {
    parameter_arns = ["*"]
  }

  expect_failures = [var.parameter_arns]
}
