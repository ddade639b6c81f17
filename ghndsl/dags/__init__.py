"""Families of DAGs with labelled vertices: their members counted, numbered, found and drawn, up to isomorphism."""

from ghndsl.dags.dag import MOST_VERTICES, Dag, DagError, read_dag
from ghndsl.dags.dags import Dags, digits_of, in_words
from ghndsl.dags.family import Family, interval

__all__ = ["MOST_VERTICES", "Dag", "DagError", "Dags", "Family", "digits_of", "in_words", "interval", "read_dag"]
