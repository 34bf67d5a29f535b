environment = "dev"

# make destroy ENV=dev also deletes the lakes.
force_destroy = true

# bounded = true # when workflows deploy: their role creates no role without the boundary of terraform/bootstrap

log_retention_days = 14 # two weeks are enough for a trial
