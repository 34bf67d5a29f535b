"""Brings the changes of SOURCE_URL to a schema of TARGET_URL, again and again: repeat_with_dlt.py SCHEMA TABLE=KEY...

Prints a line after each run. Each run merges the rows whose last_updated is higher than that of the run before it.
"""

import os
import sys
import time

import dlt
from dlt.sources.sql_database import sql_database

schema, keys = sys.argv[1], dict(argument.split("=") for argument in sys.argv[2:])
source_url, target_url = os.environ["SOURCE_URL"], os.environ["TARGET_URL"]
INTERVAL_SECONDS = 1


def changes():
    source = sql_database(
        source_url.replace("postgres://", "postgresql+psycopg2://"),
        schema="public",
        table_names=list(keys),
        backend="connectorx",
        backend_kwargs={"return_type": "arrow", "conn": source_url},
        reflection_level="full_with_precision",
    )
    for table, key in keys.items():
        source.resources[table].apply_hints(
            primary_key=key, write_disposition="merge", incremental=dlt.sources.incremental("last_updated")
        )
    return source


pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.postgres(target_url.replace("postgres://", "postgresql://")),
    dataset_name=schema,
)
while True:
    started = time.monotonic()
    pipeline.run(changes(), loader_file_format="parquet").raise_on_failed_jobs()
    print(f"{time.monotonic() - started:.2f}", flush=True)
    time.sleep(max(0, started + INTERVAL_SECONDS - time.monotonic()))
