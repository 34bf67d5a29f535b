environment = "prod"

# bounded      = true                        # once workflows deploy: their role makes no role without the boundary that terraform/bootstrap made
# account_id   = "123456789012"              # the one account that prod lives in
# alarm_emails = ["on-call@example.com"]     # each has to confirm
