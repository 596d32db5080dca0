"""Procedures of the API, one module a group, each a thin function over core."""
