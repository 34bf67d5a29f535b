"""Runs Python snippets, each in the current folder, and prints the `rows` that each leaves: JSON, every value as text."""
import decimal
import json
import sys


def rows_of(found):
    if hasattr(found, "to_pylist"):
        return [list(row.values()) for row in found.to_pylist()]
    if hasattr(found, "itertuples"):
        return [list(row) for row in found.itertuples(index=False)]
    if hasattr(found, "rows"):
        return found.rows()
    return found


def text_of(value):
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)


with open(sys.argv[2], encoding="utf-8") as file:
    snippets = json.load(file)
answers = []
for snippet in snippets:
    scope = {}
    exec(compile(snippet, f"lake.md {snippet}", "exec"), scope)
    answers.append([[text_of(value) for value in row] for row in rows_of(scope["rows"])])
print(json.dumps(answers))
