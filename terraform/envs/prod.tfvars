environment = "prod"

# bounded      = true                        # when workflows deploy: their role creates no role without the boundary
# of terraform/bootstrap account_id   = "123456789012"              # the only account that prod may be deployed to
# alarm_emails = ["on-call@example.com"]     # each must confirm its subscription
