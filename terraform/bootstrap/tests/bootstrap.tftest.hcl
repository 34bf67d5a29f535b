# These tests only plan: the bucket for the states could not be destroyed afterwards.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  repository = "acme/totesys"
}

run "without_a_repository_there_are_only_the_bucket_and_boundaries" {
  command = plan

  variables {
    repository = null
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.plan_role_arn == null && length(output.apply_role_arns) == 0
    error_message = "Without a repository there are no roles for GitHub."
  }

  assert {
    condition     = output.state_bucket == "totesys-state-123456789012-eu-west-2"
    error_message = "The bucket has the name that make plan and make deploy use."
  }

  assert {
    condition     = toset(keys(output.boundaries)) == toset(["dev", "prod"]) && aws_iam_policy.boundary["dev"].path == "/totesys/dev/"
    error_message = "Each environment has a boundary with the name that the root expects."
  }
}

run "the_states_are_private_encrypted_and_versioned" {
  command = plan

  assert {
    condition = (
      aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.block_public_policy &&
      aws_s3_bucket_public_access_block.state.ignore_public_acls && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    )
    error_message = "Public access is blocked in every way."
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "Earlier states can be restored."
  }

  assert {
    condition     = toset(data.aws_iam_policy_document.state.statement[*].sid) == toset(["NobodyComesWithoutTls", "NobodyDeletesForGood"])
    error_message = "The policy denies requests without TLS, and deleting versions."
  }
}

run "plain_http_can_be_allowed_for_an_emulator" {
  command = plan

  variables {
    refuse_plain_http = false
  }

  assert {
    condition     = data.aws_iam_policy_document.state.statement[*].sid == tolist(["NobodyDeletesForGood"])
    error_message = "The policy has no such statement."
  }
}

run "each_role_trusts_exactly_its_jobs" {
  command = plan

  assert {
    condition = local.subjects == {
      plan = ["repo:acme/totesys:pull_request", "repo:acme/totesys:ref:refs/heads/main"]
      dev  = ["repo:acme/totesys:environment:dev"]
      prod = ["repo:acme/totesys:environment:prod"]
    }
    error_message = "Pull requests plan; only an environment's jobs deploy it."
  }

  assert {
    condition = alltrue(flatten([
      for trust in values(data.aws_iam_policy_document.trust) :
      [for statement in trust.statement : [for condition in statement.condition : condition.test == "StringEquals"]]
    ]))
    error_message = "No pattern allows other subjects."
  }

  assert {
    condition     = toset(keys(output.apply_role_arns)) == toset(["dev", "prod"]) && length(aws_iam_role.plan) == 1
    error_message = "There is one role to plan, and one for each environment."
  }

  assert {
    condition     = alltrue([for role in concat(values(aws_iam_role.apply), aws_iam_role.plan) : role.path == "/totesys-ci/"])
    error_message = "The roles are outside every path where an apply role may write."
  }
}

run "roles_trust_only_subjects_with_ids_once_the_ids_are_set" {
  command = plan

  variables {
    owner_id      = "123456"
    repository_id = "456789"
  }

  assert {
    condition = local.subjects == {
      plan = ["repo:acme@123456/totesys@456789:pull_request", "repo:acme@123456/totesys@456789:ref:refs/heads/main"]
      dev  = ["repo:acme@123456/totesys@456789:environment:dev"]
      prod = ["repo:acme@123456/totesys@456789:environment:prod"]
    }
    error_message = "Only GitHub's immutable form of the subject is trusted, for pull requests, main and environments."
  }

  assert {
    condition = alltrue([
      for role, trust in data.aws_iam_policy_document.trust : alltrue([
        for condition in trust.statement[0].condition :
        condition.test == "StringEquals" && toset(condition.values) == toset(endswith(condition.variable, ":sub") ? local.subjects[role] : ["sts.amazonaws.com"])
      ])
    ])
    error_message = "Each trust policy names exactly these subjects."
  }
}

run "refuses_one_id_without_the_other" {
  command = plan

  variables {
    owner_id = "123456"
  }

  expect_failures = [var.owner_id]
}

run "refuses_ids_without_a_repository" {
  command = plan

  variables {
    repository    = null
    owner_id      = "123456"
    repository_id = "456789"
  }

  expect_failures = [var.repository_id]
}

run "refuses_an_id_with_a_wildcard" {
  command = plan

  variables {
    owner_id      = "*"
    repository_id = "456789"
  }

  expect_failures = [var.owner_id]
}

run "accepts_ids_inside_the_repository" {
  command = plan

  variables {
    repository = "acme@123456/totesys@456789"
  }

  assert {
    condition     = local.subjects["prod"] == ["repo:acme@123456/totesys@456789:environment:prod"] && local.subjects["plan"][0] == "repo:acme@123456/totesys@456789:pull_request"
    error_message = "The subject is the same."
  }
}

run "refuses_half_of_the_ids" {
  command = plan

  variables {
    repository = "acme@123456/totesys"
  }

  expect_failures = [var.repository]
}

run "refuses_ids_twice" {
  command = plan

  variables {
    repository    = "acme@123456/totesys@456789"
    owner_id      = "123456"
    repository_id = "456789"
  }

  expect_failures = [var.repository_id]
}

run "the_plan_role_changes_nothing_and_reads_no_data" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.plan.statement :
      [for action in statement.actions : can(regex(":(Get|List|Describe)", action))] if statement.effect != "Deny"
    ]))
    error_message = "The plan role only reads settings."
  }

  assert {
    condition = !anytrue(flatten([
      for statement in data.aws_iam_policy_document.plan.statement :
      [for action in statement.actions : startswith(action, "ssm:GetParameter") || startswith(action, "sqs:Receive")] if statement.effect != "Deny"
    ]))
    error_message = "The plan role reads neither parameters nor messages."
  }

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.plan.statement :
      [for resource in statement.resources : endswith(resource, "/terraform.tfstate")] if contains(statement.actions, "s3:GetObject") && statement.effect != "Deny"
    ]))
    error_message = "The only objects that the plan role reads are states."
  }
}

run "the_apply_role_creates_roles_only_below_its_path_and_within_its_boundary" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.apply["dev"].statement : concat(
        [for condition in statement.condition : condition.variable == "iam:PermissionsBoundary" && condition.values == tolist(["arn:aws:iam::123456789012:policy/totesys/dev/boundary"])],
        [length(statement.condition) == 1, statement.resources == toset(["arn:aws:iam::123456789012:role/totesys/dev/*"])],
      ) if contains(statement.actions, "iam:CreateRole") || contains(statement.actions, "iam:PutRolePolicy")
    ]))
    error_message = "Roles can be created only below the path and with the boundary."
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.apply["dev"].statement : statement if contains(statement.actions, "iam:CreateRole")]) == 1
    error_message = "Only one statement allows creating roles."
  }

  assert {
    condition = !anytrue(flatten([
      for statement in data.aws_iam_policy_document.apply["dev"].statement :
      [for resource in statement.resources : strcontains(resource, "prod")] if statement.resources != null
    ]))
    error_message = "The role that deploys dev has no right to prod."
  }

  assert {
    condition = !anytrue(flatten([
      for statement in data.aws_iam_policy_document.apply["dev"].statement : [
        for action in statement.actions :
        contains(["iam:DeleteRolePermissionsBoundary", "iam:AttachRolePolicy", "s3:DeleteObjectVersion"], action)
      ] if statement.effect != "Deny"
    ]))
    error_message = "The role cannot change a boundary or delete a version."
  }
}

# What the provider calls for an endpoint and its group besides the obvious; without one of these a VPC is asked for
# in vain.
run "the_apply_role_can_make_and_remove_an_endpoint" {
  command = plan

  assert {
    condition = length(setsubtract(
      [
        "ec2:CreateVpcEndpoint", "route53:AssociateVPCWithHostedZone", "ec2:DeleteVpcEndpoints",
        "ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupEgress", "ec2:DescribeNetworkInterfaces", "ec2:DeleteSecurityGroup",
        "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress",
      ],
      flatten([for statement in data.aws_iam_policy_document.apply["dev"].statement : tolist(statement.actions) if statement.effect != "Deny"]),
    )) == 0
    error_message = "The role can remove a group's outgoing rule, and delete an unused group."
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.apply["dev"].statement :
      toset([for condition in statement.condition : condition.variable]) == toset(["aws:ResourceTag/Project", "aws:ResourceTag/Environment"])
      if contains(statement.actions, "ec2:RevokeSecurityGroupEgress") || contains(statement.actions, "ec2:DeleteSecurityGroup")
    ])
    error_message = "The role changes only its own groups."
  }
}

# For ModifyVpcEndpoint EC2 checks the endpoint, and each subnet, route table and group in the request.
run "the_apply_role_can_change_subnets_and_groups_of_its_own_endpoint" {
  command = plan

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.apply["dev"].statement : toset(statement.resources)
      if contains(statement.actions, "ec2:ModifyVpcEndpoint") && length(statement.condition) == 0
    ] == [toset([for type in ["route-table", "security-group", "subnet"] : "arn:aws:ec2:eu-west-2:123456789012:${type}/*"])]
    error_message = "The VPC's resources need no tags of ours; an endpoint does."
  }
}

run "uses_an_existing_provider" {
  command = plan

  variables {
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && length(aws_iam_role.plan) == 1
    error_message = "An account can have only one provider."
  }
}

run "refuses_a_long_project" {
  command = plan

  variables {
    project = "totesys-warehouse"
  }

  expect_failures = [var.project]
}

run "refuses_an_invalid_region" {
  command = plan

  variables {
    region = "london"
  }

  expect_failures = [var.region]
}

run "refuses_an_invalid_account" {
  command = plan

  variables {
    account_id = "dev"
  }

  expect_failures = [var.account_id]
}

run "refuses_an_empty_list_of_environments" {
  command = plan

  variables {
    environments = []
  }

  expect_failures = [var.environments]
}

run "refuses_every_repository_of_an_owner" {
  command = plan

  variables {
    repository = "acme/*"
  }

  expect_failures = [var.repository]
}

run "refuses_another_provider" {
  command = plan

  variables {
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/example.com"
  }

  expect_failures = [var.oidc_provider_arn]
}

run "refuses_to_delete_versions_within_days" {
  command = plan

  variables {
    noncurrent_days = 1
  }

  expect_failures = [var.noncurrent_days]
}
