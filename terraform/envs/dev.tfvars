environment = "dev"

# make destroy ENV=dev leaves nothing behind.
force_destroy = true

log_retention_days = 14 # two weeks suffice to look back at a trial
