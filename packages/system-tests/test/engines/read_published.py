"""Creates the views over published tables in one engine, as its users do, and prints what queries show, as text.

Arguments: the engine and a file of JSON: {place, statements, queries: [{name, query, columns: [{kind, scale}]}]}. `{iceberg}` in a statement is the
place of the tables. Prints JSON, the rows of each query by its name.
"""
import json
import sys

from read_lake import text_of


def duckdb_engine(place):
    import os

    import duckdb
    import duckdb_extension_avro
    import duckdb_extension_iceberg

    connection = duckdb.connect(config={"threads": 2})
    for package in (duckdb_extension_avro, duckdb_extension_iceberg):
        name = package.__name__.removeprefix("duckdb_extension_")
        folder = os.path.join(os.path.dirname(package.__file__), "extensions", f"v{duckdb.__version__}")
        connection.execute(f"load '{folder}/{name}.duckdb_extension'")
    return lambda statement: connection.execute(statement).fetchall()


def chdb_engine(place):
    import os

    from chdb import session

    # It reads only files below the working directory.
    os.chdir(place)
    connection = session.Session()
    settings = "output_format_json_quote_decimals = 1, output_format_json_quote_64bit_integers = 0"

    def run(statement):
        if statement.lstrip().startswith(("create", "--")):
            connection.query(statement)
            return []
        lines = str(connection.query(f"{statement} settings {settings}", "JSONCompactEachRow")).splitlines()
        return [json.loads(line) for line in lines]

    return run


def spark_engine(place):
    import os

    import snowpark_connect_deps_iceberg
    from pyspark.sql import SparkSession

    jar = os.path.join(os.path.dirname(snowpark_connect_deps_iceberg.__file__), "jars", "iceberg-spark-runtime-3.5_2.12-1.10.2.jar")
    settings = {
        "spark.jars": jar,
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "3g",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.catalog.totesys": "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.totesys.type": "hadoop",
        "spark.sql.catalog.totesys.warehouse": place,
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.sql("use totesys")
    return lambda statement: session.sql(statement).collect()


ENGINES = {"duckdb": duckdb_engine, "chdb": chdb_engine, "spark": spark_engine}

if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        asked = json.load(file)
    run = ENGINES[sys.argv[1]](asked["place"])
    for statement in asked["statements"]:
        run(statement.replace("{iceberg}", asked["place"]))
    shown = {}
    for each in asked["queries"]:
        kinds = [(column["kind"], column["scale"]) for column in each["columns"]]
        rows = run(each["query"])
        shown[each["name"]] = [[text_of(value, *kind) for value, kind in zip(row, kinds)] for row in rows]
    print(json.dumps(shown))
