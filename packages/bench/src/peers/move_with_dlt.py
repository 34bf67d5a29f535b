"""Moves tables from SOURCE_URL into a schema of TARGET_URL: move_with_dlt.py SCHEMA TABLE..."""

import os
import sys

import dlt
from dlt.sources.sql_database import sql_database

schema, tables = sys.argv[1], sys.argv[2:]
source_url, target_url = os.environ["SOURCE_URL"], os.environ["TARGET_URL"]

source = sql_database(
    source_url.replace("postgres://", "postgresql+psycopg2://"),
    schema="public",
    table_names=tables,
    backend="connectorx",
    backend_kwargs={"return_type": "arrow", "conn": source_url},
    reflection_level="full_with_precision",
)
pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.postgres(target_url.replace("postgres://", "postgresql://")),
    dataset_name=schema,
)
pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()
