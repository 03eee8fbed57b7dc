"""Matches records with pySigma's SQLite backend: `main.py <rules folder> <records, one a line> <passes>`.

Every pass flattens the records into a table in memory and asks it one query for each rule.
"""

import json
import pathlib
import re
import sqlite3
import sys
import time

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection


def flatten(value, path="", into=None):
    """Dotted names to text; lists and what is in them as JSON, because a column holds one value."""
    into = {} if into is None else into
    for key, inner in value.items():
        name = f"{path}.{key}" if path else key
        if isinstance(inner, dict):
            flatten(inner, name, into)
        if inner is not None:
            into[name] = inner if isinstance(inner, str) else json.dumps(inner)
    return into


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def main():
    folder, records_path, passes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    start = time.perf_counter()
    backend = sqliteBackend()
    queries, fields, refused = [], set(), 0
    for path in sorted(pathlib.Path(folder).glob("*.yml")):
        try:
            rules = SigmaCollection.from_yaml(path.read_text())
            for rule in rules.rules:
                fields.update(backend.required_fields(rule))
            queries += [(str(rules.rules[0].id), query) for query in backend.convert(rules)]
        except Exception as error:
            refused += 1
            print(f"{path.name}: {error}", file=sys.stderr)
    load_seconds = time.perf_counter() - start

    text = pathlib.Path(records_path).read_text()
    columns = sorted(fields)
    names = ", ".join(quote(column) for column in columns)
    places = ", ".join("?" for _ in columns)
    seconds, matches, records = [], {}, 0
    for _ in range(passes):
        matches, records = {}, 0
        start = time.perf_counter()
        database = sqlite3.connect(":memory:")
        database.create_function("REGEXP", 2, lambda regex, value: value is not None and re.search(regex, value) is not None)
        database.execute(f"CREATE TABLE logs ({', '.join(f'{quote(column)} TEXT COLLATE NOCASE' for column in columns)})")
        for line in text.splitlines():
            flat = flatten(json.loads(line))
            database.execute(f"INSERT INTO logs ({names}) VALUES ({places})", [flat.get(column) for column in columns])
            records += 1
        for rule, query in queries:
            found = database.execute(query.replace("SELECT *", "SELECT COUNT(*)", 1)).fetchone()[0]
            if found:
                matches[rule] = matches.get(rule, 0) + found
        seconds.append(time.perf_counter() - start)
        database.close()
    print(json.dumps({"records": records, "refused": refused, "loadSeconds": load_seconds, "seconds": seconds, "matches": matches}))


main()
