"""Moves tables from SOURCE_URL into TARGET_URL or into Parquet: move_with_duckdb.py MODE FOLDER TABLE..."""

import os
import sys

import duckdb

mode, folder, tables = sys.argv[1], sys.argv[2], sys.argv[3:]

connection = duckdb.connect(config={"autoinstall_known_extensions": False})
connection.execute("set extension_directory = ?", [os.environ["EXTENSIONS"]])
connection.execute("load postgres_scanner")


def attach(url, name, options):
    connection.execute(f"attach '{os.environ[url]}' as {name} (type postgres{options})")


attach("SOURCE_URL", "source", ", read_only")
if mode != "into-parquet":
    attach("TARGET_URL", "target", "")


def columns(table):
    # DuckDB cannot create the type of an enum in Postgres, so its label is moved.
    described = connection.execute(f'describe source.public."{table}"').fetchall()
    return ", ".join(f'"{name}"::varchar as "{name}"' if kind.startswith("ENUM") else f'"{name}"' for name, kind, *_ in described)


for table in tables:
    if mode == "from-parquet":
        selected = f"select * from read_parquet('{folder}/{table}.parquet')"
    else:
        selected = f'select {columns(table)} from source.public."{table}"'
    if mode == "into-parquet":
        connection.execute(f"copy ({selected}) to '{folder}/{table}.parquet' (format parquet, compression zstd)")
    else:
        connection.execute(f'create table target.public."{table}" as {selected}')
