environment = "dev"

# make destroy ENV=dev leaves nothing behind.
force_destroy = true

# bounded = true # once workflows deploy: their role makes no role without the boundary that terraform/bootstrap made

log_retention_days = 14 # two weeks suffice to look back at a trial
