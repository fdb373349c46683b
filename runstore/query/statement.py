"""What a statement needs, read from DuckDB's own parse of it: which views, which fields, which runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from runstore.query.connect import DuckDBPyConnection

Path: TypeAlias = tuple[str, ...]
Parameters: TypeAlias = Sequence[object] | Mapping[str, object] | None

STRUCTS = ("params", "last")
_NARROWING = {"run_id": "run_ids", "experiment": "experiments", "name": "names"}
_EXTRACTS = {"ARRAY_EXTRACT", "STRUCT_EXTRACT", "array_extract", "struct_extract"}
_CATALOGS = re.compile(r"\b(information_schema|duckdb_\w+|pg_catalog|pragma|show)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_FIELD = re.compile(
    r"""\b(?P<struct>params|last)(?P<path>(?:\s*\.\s*(?:"(?:[^"]|"")+"|\w+)|\s*\[\s*'(?:[^']|'')+'\s*\])+)""",
    re.IGNORECASE,
)
_STEP = re.compile(r""""((?:[^"]|"")+)"|'((?:[^']|'')+)'|(\w+)""")


@dataclass(slots=True)
class Fields:
    """Which fields of a STRUCT column a statement names."""

    paths: dict[Path, None] = field(default_factory=dict)
    whole: bool = False

    def __bool__(self) -> bool:
        return self.whole or bool(self.paths)


@dataclass(slots=True)
class Statement:
    """What has to be bound before a statement can run.

    ``run_ids``, ``experiments`` and ``names``: the only ones whose rows can matter, None where that can't be told.
    ``numbers``: it may show sequence numbers. ``catalog``: it asks what views there are.
    """

    views: set[str] = field(default_factory=set)
    params: Fields = field(default_factory=Fields)
    last: Fields = field(default_factory=Fields)
    tables: set[str] = field(default_factory=set)  # every table name and alias, lower case
    run_ids: frozenset[str] | None = None
    experiments: frozenset[str] | None = None
    names: frozenset[str] | None = None
    numbers: bool = True
    catalog: bool = False


def parse(
    connection: DuckDBPyConnection, query: str, known: Collection[str], parameters: Parameters = None
) -> Statement:
    """Read a statement.

    Args:
        connection: any; nothing is changed on it.
        query: one or several SQL statements. What DuckDB can't parse needs nothing: running it gives the message.
        known: the names of the views.
        parameters: the values of its parameters, where they may tell which runs it is about.
    """
    tree = serialized(connection, query)
    if "statements" not in tree:
        return _guess(query, known)
    found = Statement(catalog=_CATALOGS.search(query) is not None)
    bases = list(_bases(tree))
    for base in bases:
        found.tables.update(filter(None, (base["table_name"].lower(), base.get("alias", "").lower())))
    found.views = {name for base in bases if (name := base["table_name"].lower()) in known}
    paths = list(_paths(tree))
    for path in paths:
        _note(found, path)
    found.numbers = _has_star(tree) or any(
        part.lower() == "seq" or part.lower() in found.tables for p in paths for part in p[-1:]
    )
    nodes = [statement["node"] for statement in tree["statements"]]
    if len(nodes) == len(bases) == 1 and nodes[0].get("from_table") == bases[0]:
        _narrow(found, nodes[0], parameters)
    return found


def serialized(connection: DuckDBPyConnection, query: str) -> dict[str, Any]:
    """DuckDB's parse tree of SELECT statements; ``error`` in it says why there is none."""
    ((text,),) = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchall()
    tree: dict[str, Any] = orjson.loads(text)
    return tree


def _bases(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if tree.get("type") == "BASE_TABLE":
            yield tree
        for branch in tree.values():
            yield from _bases(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _bases(branch)


def _paths(tree: Any) -> Iterator[Path]:
    """Every column named, as far down as it is taken apart; ``x.*`` ends with a star."""
    if isinstance(tree, list):
        for branch in tree:
            yield from _paths(branch)
    elif isinstance(tree, dict):
        path = column(tree)
        if path is not None:
            yield path
            return
        if tree.get("class") == "STAR" and tree.get("relation_name"):
            yield (tree["relation_name"], "*")
        for branch in tree.values():
            yield from _paths(branch)


def _has_star(tree: Any) -> bool:
    """Whether columns are meant that aren't named."""
    if isinstance(tree, dict):
        return tree.get("class") == "STAR" or any(map(_has_star, tree.values()))
    return isinstance(tree, list) and any(map(_has_star, tree))


def column(node: Mapping[str, Any]) -> Path | None:
    """The names of a column reference, ``a.b``, ``a['b']`` and ``struct_extract(a, 'b')`` alike; None for others."""
    if node.get("class") == "COLUMN_REF":
        return tuple(node["column_names"])
    if node.get("type") in _EXTRACTS:
        parts = node["children"]
    elif node.get("function_name") in _EXTRACTS:
        parts = [argument["expression"] for argument in node.get("arguments", [])]
    else:
        return None
    if len(parts) != 2 or (name := _text(parts[1])) is None:
        return None
    inner = column(parts[0])
    return None if inner is None else (*inner, name)


def _text(node: Mapping[str, Any], parameters: Parameters = None) -> str | None:
    """The text a node stands for: a string constant or a parameter that is one."""
    if node.get("type") == "VALUE_PARAMETER" and parameters is not None:
        key = node["identifier"]
        if isinstance(parameters, Mapping):
            value = parameters.get(key)
        else:
            value = parameters[int(key) - 1] if key.isdecimal() and 0 < int(key) <= len(parameters) else None
        return value if isinstance(value, str) else None
    literal = node.get("literal") or {}
    return literal["text"] if literal.get("kind") == "STRING" else None


def _note(found: Statement, path: Path) -> None:
    for place, part in enumerate(path[:3]):
        if part.lower() in STRUCTS:
            fields = found.params if part.lower() == "params" else found.last
            rest = path[place + 1 :]
            if rest in ((), ("*",)):
                fields.whole = True
            else:
                fields.paths[rest] = None
            return


def _narrow(found: Statement, node: Mapping[str, Any], parameters: Parameters) -> None:
    """Note what AND-ed conditions on the only table leave."""
    base = node["from_table"]
    names = {base["table_name"].lower(), base.get("alias", "").lower()}
    aliases = {item.get("alias", "").lower() for item in node["select_list"]}
    for condition in _conjuncts(node.get("where_clause")):
        path, texts = _choice(condition, parameters)
        if path and (len(path) == 1 or (len(path) == 2 and path[0].lower() in names)):
            column_name = path[-1].lower()
            if column_name in _NARROWING and column_name not in aliases:
                known = getattr(found, _NARROWING[column_name])
                setattr(found, _NARROWING[column_name], texts if known is None else known & texts)


def _conjuncts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "CONJUNCTION_AND":
            for child in node["children"]:
                yield from _conjuncts(child)
        else:
            yield node


def _choice(node: Mapping[str, Any], parameters: Parameters) -> tuple[Path | None, frozenset[str]]:
    """The column and the texts it must be one of; no column where the condition is of another kind."""
    if node.get("type") == "COMPARE_EQUAL":
        for one, other in ((node["left"], node["right"]), (node["right"], node["left"])):
            if (path := column(one)) is not None and (text := _text(other, parameters)) is not None:
                return path, frozenset({text})
    if node.get("type") == "COMPARE_IN":
        first, *others = node["children"]
        texts = [_text(other, parameters) for other in others]
        if None not in texts:
            return column(first), frozenset(text for text in texts if text is not None)
    return None, frozenset()


def _guess(query: str, known: Collection[str]) -> Statement:
    """Read a statement that has no parse tree (COPY, PIVOT, EXPLAIN, PRAGMA) by its words."""
    words = {word.lower() for word in _WORD.findall(query)}
    found = Statement(views=words & set(known), tables=words, catalog=_CATALOGS.search(query) is not None)
    for match in _FIELD.finditer(query):
        steps = [a.replace('""', '"') or b.replace("''", "'") or c for a, b, c in _STEP.findall(match["path"])]
        _note(found, (match["struct"], *steps))
    return found
