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

run "leads_to_s3_and_ssm" {
  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.s3[0].service_name == "com.amazonaws.eu-west-2.s3"
    error_message = "S3 is reached by a gateway, which is free."
  }

  assert {
    condition     = aws_vpc_endpoint.ssm[0].vpc_endpoint_type == "Interface" && aws_vpc_endpoint.ssm[0].private_dns_enabled
    error_message = "SSM is reached by its own name."
  }

  assert {
    condition     = output.s3_endpoint_id == aws_vpc_endpoint.s3[0].id && output.ssm_endpoint_id == aws_vpc_endpoint.ssm[0].id
    error_message = "The outputs name both."
  }
}

run "lets_in_the_functions_and_passes_the_parameters_alone" {
  assert {
    condition = alltrue([
      for rule in values(aws_vpc_security_group_ingress_rule.ssm) :
      rule.referenced_security_group_id == "sg-1" && rule.from_port == 443 && rule.to_port == 443
    ]) && length(aws_vpc_security_group_ingress_rule.ssm) == 1
    error_message = "Only the functions come in."
  }

  assert {
    condition = (
      data.aws_iam_policy_document.ssm.statement[0].actions == toset(["ssm:GetParameter"]) &&
      data.aws_iam_policy_document.ssm.statement[0].resources == var.parameter_arns
    )
    error_message = "Only the two URLs pass."
  }
}

run "makes_no_gateway_where_the_vpc_has_one" {
  variables {
    vpc = { id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"], route_table_ids = [], ssm_endpoint = true }
  }

  assert {
    condition     = length(aws_vpc_endpoint.s3) == 0 && output.s3_endpoint_id == null && length(aws_vpc_endpoint.ssm) == 1
    error_message = "There is none to S3."
  }
}

run "makes_no_way_to_ssm_where_the_vpc_has_one" {
  variables {
    vpc = { id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"], route_table_ids = ["rtb-1"], ssm_endpoint = false }
  }

  assert {
    condition     = length(aws_vpc_endpoint.ssm) == 0 && length(aws_security_group.ssm) == 0 && output.ssm_endpoint_id == null
    error_message = "There is none to SSM, nor a group for it."
  }
}

run "refuses_a_vpc_that_gives_no_dns_names" {
  command = plan

  override_data {
    target          = data.aws_vpc.this
    override_during = plan
    values          = { enable_dns_support = true, enable_dns_hostnames = false }
  }

  expect_failures = [aws_vpc_endpoint.ssm]
}

run "refuses_a_vpc_that_resolves_no_dns" {
  command = plan

  override_data {
    target          = data.aws_vpc.this
    override_during = plan
    values          = { enable_dns_support = false, enable_dns_hostnames = true }
  }

  expect_failures = [aws_vpc_endpoint.ssm]
}

run "asks_nothing_of_the_dns_where_the_vpc_has_a_way_to_ssm" {
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
    error_message = "A gateway to S3 needs no DNS of the VPC."
  }
}

run "refuses_a_name_that_is_none" {
  command = plan

  variables {
    name = "Totesys"
  }

  expect_failures = [var.name]
}

run "refuses_what_is_no_region" {
  command = plan

  variables {
    region = "london"
  }

  expect_failures = [var.region]
}

run "refuses_what_is_no_vpc" {
  command = plan

  variables {
    vpc = { id = "main", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"], route_table_ids = [], ssm_endpoint = true }
  }

  expect_failures = [var.vpc]
}

run "refuses_to_pass_everything" {
  command = plan

  variables {
    parameter_arns = ["*"]
  }

  expect_failures = [var.parameter_arns]
}
