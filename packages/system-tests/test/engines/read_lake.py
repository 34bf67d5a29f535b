"""Reads whole folders of a lake with one engine, as its users do, and prints every value as text.

Arguments: the engine and a file of JSON, a list of {folder, columns: [{name, kind, scale}]}. Prints JSON, one object a folder: its rows, the names
of its columns, and how many rows lie in each (batch_date, batch).
"""
import collections
import decimal
import json
import sys


def duckdb_rows(folder):
    import duckdb

    found = duckdb.sql(f"from read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
    return found.columns, found.fetchall()


def polars_rows(folder):
    import polars

    frame = polars.read_parquet(folder, hive_partitioning=True)
    return frame.columns, frame.rows()


def pyarrow_rows(folder):
    import pyarrow.dataset

    table = pyarrow.dataset.dataset(folder, format="parquet", partitioning="hive").to_table()
    return table.column_names, [tuple(row.values()) for row in table.to_pylist()]


def pandas_rows(folder, engine):
    import pandas

    frame = pandas.read_parquet(folder, engine=engine)
    return list(frame.columns), list(zip(*(frame[name].tolist() for name in frame.columns)))


def chdb_rows(folder):
    import chdb

    settings = "use_hive_partitioning = 1, output_format_json_quote_decimals = 1, output_format_json_quote_64bit_integers = 0"
    query = f"select * from file('{folder}/**/*.parquet', Parquet) settings {settings}"
    lines = str(chdb.query(query, "JSONCompactEachRowWithNames")).splitlines()
    return json.loads(lines[0]), [tuple(json.loads(line)) for line in lines[1:]]


def spark_rows(folder):
    frame = spark_session().read.parquet(folder)
    return frame.columns, [tuple(row) for row in frame.collect()]


def spark_session():
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    session = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


ENGINES = {
    "duckdb": duckdb_rows,
    "polars": polars_rows,
    "pyarrow": pyarrow_rows,
    "pandas": lambda folder: pandas_rows(folder, "pyarrow"),
    "fastparquet": lambda folder: pandas_rows(folder, "fastparquet"),
    "chdb": chdb_rows,
    "spark": spark_rows,
}


def text_of(value, kind, scale=0):
    # None, and the values of NumPy and pandas that differ from themselves: NaN, NaT, NA.
    if value is None or str(value) in ("nan", "NaT", "<NA>") and kind != "text":
        return None
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "integer":
        return str(int(value))
    if kind == "decimal":
        return str(decimal.Decimal(str(value)).quantize(decimal.Decimal(1).scaleb(-scale)))
    if kind == "date":
        return str(value)[:10]
    if kind == "timestamp":
        whole, _, fraction = str(value).replace("T", " ").partition(".")
        return f"{whole}.{(fraction + '000000')[:6]}"
    # A missing text of pandas is a float.
    return value if isinstance(value, str) else None


def read(engine, folder, columns):
    names, rows = ENGINES[engine](folder)
    at = {name: i for i, name in enumerate(names)}
    texts = [[text_of(row[at[c["name"]]], c["kind"], c.get("scale", 0)) for c in columns] for row in rows]
    places = collections.Counter(f"{str(row[at['batch_date']])[:10]} {int(row[at['batch']])}" for row in rows)
    return {"names": sorted(names), "rows": texts, "places": places}


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        asked = json.load(file)
    print(json.dumps({each["folder"]: read(sys.argv[1], each["folder"], each["columns"]) for each in asked}))
