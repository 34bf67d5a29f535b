# Planned only: the bucket of the states cannot be destroyed again.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  repository = "acme/totesys"
}

run "without_a_repository_there_is_a_bucket_and_boundaries_alone" {
  command = plan

  variables {
    repository = null
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.plan_role_arn == null && length(output.apply_role_arns) == 0
    error_message = "A person deploys with credentials of their own."
  }

  assert {
    condition     = output.state_bucket == "totesys-state-123456789012-eu-west-2"
    error_message = "The bucket has the name that make plan and make deploy take."
  }

  assert {
    condition     = toset(keys(output.boundaries)) == toset(["dev", "prod"]) && aws_iam_policy.boundary["dev"].path == "/totesys/dev/"
    error_message = "Each environment has a boundary, by the name that the root gives its roles."
  }
}

run "the_states_are_private_encrypted_versioned_and_stay" {
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
    error_message = "Nobody comes without TLS or deletes for good."
  }
}

run "an_emulator_without_tls_can_be_let_in" {
  command = plan

  variables {
    refuse_plain_http = false
  }

  assert {
    condition     = data.aws_iam_policy_document.state.statement[*].sid == tolist(["NobodyDeletesForGood"])
    error_message = "The statement is left out."
  }
}

run "each_role_is_taken_by_its_jobs_to_the_letter" {
  command = plan

  assert {
    condition = local.subjects == {
      plan = ["repo:acme/totesys:pull_request", "repo:acme/totesys:ref:refs/heads/main"]
      dev  = ["repo:acme/totesys:environment:dev"]
      prod = ["repo:acme/totesys:environment:prod"]
    }
    error_message = "Pull requests plan; an environment's jobs deploy it."
  }

  assert {
    condition = alltrue(flatten([
      for trust in values(data.aws_iam_policy_document.trust) :
      [for statement in trust.statement : [for condition in statement.condition : condition.test == "StringEquals"]]
    ]))
    error_message = "No pattern lets others in."
  }

  assert {
    condition     = toset(keys(output.apply_role_arns)) == toset(["dev", "prod"]) && length(aws_iam_role.plan) == 1
    error_message = "There is one role to plan, and one for each environment."
  }

  assert {
    condition     = alltrue([for role in concat(values(aws_iam_role.apply), aws_iam_role.plan) : role.path == "/totesys-ci/"])
    error_message = "They lie where no apply role may write."
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
    error_message = "GitHub's immutable form of the subject, and no other, for pull requests, main and environments."
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

run "takes_ids_within_the_repository_too" {
  command = plan

  variables {
    repository = "acme@123456/totesys@456789"
  }

  assert {
    condition     = local.subjects["prod"] == ["repo:acme@123456/totesys@456789:environment:prod"] && local.subjects["plan"][0] == "repo:acme@123456/totesys@456789:pull_request"
    error_message = "It is the same subject."
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
    error_message = "It only looks."
  }

  assert {
    condition = !anytrue(flatten([
      for statement in data.aws_iam_policy_document.plan.statement :
      [for action in statement.actions : startswith(action, "ssm:GetParameter") || startswith(action, "sqs:Receive")] if statement.effect != "Deny"
    ]))
    error_message = "It reads neither parameters nor messages."
  }

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.plan.statement :
      [for resource in statement.resources : endswith(resource, "/terraform.tfstate")] if contains(statement.actions, "s3:GetObject") && statement.effect != "Deny"
    ]))
    error_message = "Of objects it reads states alone."
  }
}

run "the_apply_role_makes_roles_below_its_path_and_within_its_boundary" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.apply["dev"].statement : concat(
        [for condition in statement.condition : condition.variable == "iam:PermissionsBoundary" && condition.values == tolist(["arn:aws:iam::123456789012:policy/totesys/dev/boundary"])],
        [length(statement.condition) == 1, statement.resources == toset(["arn:aws:iam::123456789012:role/totesys/dev/*"])],
      ) if contains(statement.actions, "iam:CreateRole") || contains(statement.actions, "iam:PutRolePolicy")
    ]))
    error_message = "No role can be made that could do more."
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.apply["dev"].statement : statement if contains(statement.actions, "iam:CreateRole")]) == 1
    error_message = "There is one way to make a role."
  }

  assert {
    condition = !anytrue(flatten([
      for statement in data.aws_iam_policy_document.apply["dev"].statement :
      [for resource in statement.resources : strcontains(resource, "prod")] if statement.resources != null
    ]))
    error_message = "Who deploys dev touches nothing of prod."
  }

  assert {
    condition = !anytrue(flatten([
      for statement in data.aws_iam_policy_document.apply["dev"].statement : [
        for action in statement.actions :
        contains(["iam:DeleteRolePermissionsBoundary", "iam:AttachRolePolicy", "s3:DeleteObjectVersion"], action)
      ] if statement.effect != "Deny"
    ]))
    error_message = "A boundary stays, and so does what is deleted."
  }
}

# What the provider calls for an endpoint and its group besides the obvious; without one of these a VPC is asked for in vain.
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
    error_message = "A group is made without a way out, and deleted once nothing holds it."
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.apply["dev"].statement :
      toset([for condition in statement.condition : condition.variable]) == toset(["aws:ResourceTag/Project", "aws:ResourceTag/Environment"])
      if contains(statement.actions, "ec2:RevokeSecurityGroupEgress") || contains(statement.actions, "ec2:DeleteSecurityGroup")
    ])
    error_message = "It changes no group but its own."
  }
}

# EC2 judges ModifyVpcEndpoint by the endpoint and by each subnet, route table and group that the request names.
run "the_apply_role_can_change_the_places_of_its_own_endpoint" {
  command = plan

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.apply["dev"].statement : toset(statement.resources)
      if contains(statement.actions, "ec2:ModifyVpcEndpoint") && length(statement.condition) == 0
    ] == [toset([for type in ["route-table", "security-group", "subnet"] : "arn:aws:ec2:eu-west-2:123456789012:${type}/*"])]
    error_message = "The VPC's places need no tags of ours; an endpoint does."
  }
}

run "takes_the_accounts_own_provider" {
  command = plan

  variables {
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && length(aws_iam_role.plan) == 1
    error_message = "There can be but one in an account."
  }
}

run "refuses_a_long_project" {
  command = plan

  variables {
    project = "totesys-warehouse"
  }

  expect_failures = [var.project]
}

run "refuses_what_is_no_region" {
  command = plan

  variables {
    region = "london"
  }

  expect_failures = [var.region]
}

run "refuses_what_is_no_account" {
  command = plan

  variables {
    account_id = "dev"
  }

  expect_failures = [var.account_id]
}

run "refuses_to_prepare_for_nothing" {
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

run "refuses_to_forget_within_days" {
  command = plan

  variables {
    noncurrent_days = 1
  }

  expect_failures = [var.noncurrent_days]
}
