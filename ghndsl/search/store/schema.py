"""The tables of a run's database, and what says that a file is one; no value enters, none leaves."""

from __future__ import annotations

FILE, LOCK = "run.sqlite", "run.lock"

FORMAT = 1
"""Counts up with each change of the tables; it is the file's `user_version`."""

APPLICATION = 0x67686E64
"""The file's `application_id`, by which `file` and others know whose it is: `ghnd`."""

_RUN = """CREATE TABLE run (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) WITHOUT ROWID"""

# Columns without a type hold an integer where 64 bits are enough, else its text. The conditions
# are looked through, row by row, when a run is gone on with.
_CANDIDATES = """CREATE TABLE candidates (
    place INTEGER PRIMARY KEY,
    line TEXT NOT NULL,
    number NOT NULL CHECK (typeof(number) IN ('integer', 'text')),
    id TEXT,
    params CHECK (typeof(params) IN ('integer', 'text', 'null')),
    macs CHECK (typeof(macs) IN ('integer', 'text', 'null')),
    memory CHECK (typeof(memory) IN ('integer', 'text', 'null')),
    state TEXT NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'done', 'failed', 'repeat')),
    same_as INTEGER REFERENCES candidates CHECK ((same_as IS NULL) = (state != 'repeat')),
    told TEXT CHECK ((told IS NULL) = (state != 'done')),
    measures TEXT NOT NULL DEFAULT '{}',
    error TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    seconds REAL,
    cpu_seconds REAL,
    proposed REAL NOT NULL,
    ended REAL
)"""

_ONCE = "CREATE UNIQUE INDEX once ON candidates (id) WHERE same_as IS NULL"

# No training is kept as begun; another condition would be another format.
_RUNGS = """CREATE TABLE rungs (
    candidate INTEGER NOT NULL REFERENCES candidates,
    rung TEXT NOT NULL,
    seed NOT NULL CHECK (typeof(seed) IN ('integer', 'text')),
    state TEXT NOT NULL CHECK (state IN ('begun', 'done', 'failed')),
    settings TEXT NOT NULL DEFAULT '{}',
    accuracy REAL,
    loss REAL,
    steps INTEGER,
    seconds REAL,
    cpu_seconds REAL,
    file TEXT,
    error TEXT,
    PRIMARY KEY (candidate, rung, seed)
)"""

_EVENTS = """CREATE TABLE events (
    event INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
)"""

# For those who ask by hand: a row for each measure of each candidate.
_MEASURES = """CREATE VIEW measures AS
    SELECT place AS candidate, key AS name, json_each.value AS value
    FROM candidates, json_each(candidates.measures)"""

TABLES = (_RUN, _CANDIDATES, _ONCE, _RUNGS, _EVENTS, _MEASURES)
"""The statements that make the tables; a file keeps them word for word."""
