"""What a statement needs, read from DuckDB's own parse of it: which views, which fields, which runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from runstore.query.connect import DuckDBPyConnection
from runstore.query.macros import MACROS, Macro

Path: TypeAlias = tuple[str, ...]
Parameters: TypeAlias = Sequence[object] | Mapping[str, object] | None

STRUCTS = ("params", "last")
_NARROWING = {"run_id": "run_ids", "experiment": "experiments", "name": "names", "level": "levels"}
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

    ``run_ids``, ``experiments``, ``names`` and ``levels`` (of log records): the only ones whose rows can matter, None
    where that can't be told.
    ``since``: points of earlier steps can't matter.
    ``columns``: lower case; None where others than those named may be shown. ``numbers``: it may show sequence
    numbers. ``catalog``: it asks what views there are.
    """

    views: set[str] = field(default_factory=set)
    macros: dict[str, None] = field(default_factory=dict)  # a macro that calls another comes after it
    columns: frozenset[str] | None = None
    params: Fields = field(default_factory=Fields)
    last: Fields = field(default_factory=Fields)
    tables: set[str] = field(default_factory=set)  # every table name and alias, lower case
    run_ids: frozenset[str] | None = None
    experiments: frozenset[str] | None = None
    names: frozenset[str] | None = None
    levels: frozenset[str] | None = None
    since: int | None = None
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
        return _guess(connection, query, known)
    found = Statement(catalog=_CATALOGS.search(query) is not None)
    bases, calls = list(_of_type(tree, "BASE_TABLE")), list(_calls(tree))
    _call(found, connection, (call["function_name"].lower() for call in calls))
    _take(found, known, [tree, *(serialized(connection, MACROS[macro].query) for macro in found.macros)])
    nodes = [statement["node"] for statement in tree["statements"]]
    if len(nodes) == len(bases) == 1 and nodes[0].get("from_table") == bases[0] and not calls:
        _narrow(found, nodes[0], parameters)
    elif calls and not any(base["table_name"].lower() in known for base in bases):
        _narrow_by_calls(found, calls, parameters)
    return found


def _call(found: Statement, connection: DuckDBPyConnection, macros: Iterable[str]) -> None:
    """Note macros, those first that they call."""
    for macro in macros:
        if macro not in found.macros:
            inner = _calls(serialized(connection, MACROS[macro].query))
            _call(found, connection, (call["function_name"].lower() for call in inner))
            found.macros[macro] = None


def _take(found: Statement, known: Collection[str], trees: Sequence[Any]) -> None:
    """Note what tables and columns are named."""
    bases = [base for tree in trees for base in _of_type(tree, "BASE_TABLE")]
    others = set()  # names under which a view is known that has no STRUCTs
    for base in bases:
        named = set(filter(None, (base["table_name"].lower(), base.get("alias", "").lower())))
        found.tables |= named
        others |= named if base["table_name"].lower() in {*known} - {"runs"} else set()
    found.views = {name for base in bases if (name := base["table_name"].lower()) in known}
    paths = [path for tree in trees for path in _paths(tree)]
    for path in paths:
        if len(path) < 2 or path[0].lower() not in others:
            _note(found, path)
    columns = {part.lower() for path in paths for part in path}
    joins = [join for tree in trees for join in _of_type(tree, "JOIN")]
    columns |= {column.lower() for join in joins for column in join["using_columns"]}
    whole = any(path[-1].lower() in found.tables for path in paths)
    renamed = any(base.get("column_name_alias") for base in bases) or any(map(_names_none, trees))
    found.columns = None if whole or renamed or any(map(_has_star, trees)) else frozenset(columns)
    found.numbers = found.columns is None or "seq" in found.columns


def serialized(connection: DuckDBPyConnection, query: str) -> dict[str, Any]:
    """DuckDB's parse tree of SELECT statements; ``error`` in it says why there is none."""
    ((text,),) = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchall()
    tree: dict[str, Any] = orjson.loads(text)
    return tree


def _of_type(tree: Any, kind: str) -> Iterator[dict[str, Any]]:
    for node in _nodes(tree):
        if node.get("type") == kind:
            yield node


def _calls(tree: Any) -> Iterator[dict[str, Any]]:
    """Every call of a macro of ours."""
    for node in _nodes(tree):
        if node.get("function_name", "").lower() in MACROS:
            yield node


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for branch in tree.values():
            yield from _nodes(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _nodes(branch)


def _names_none(tree: Any) -> bool:
    """Whether columns matter that aren't named: a pivot keeps the others, a natural join compares them."""
    return any(node.get("type") == "PIVOT" or node.get("ref_type") == "NATURAL" for node in _nodes(tree))


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


def _narrow_by_calls(found: Statement, calls: Sequence[Mapping[str, Any]], parameters: Parameters) -> None:
    """Note what the arguments of macros leave, where nothing else is asked."""
    given = [_arguments(MACROS[call["function_name"].lower()], call["arguments"], parameters) for call in calls]
    for known in _NARROWING.values():
        if all(one.get(known) for one in given):
            setattr(found, known, frozenset(one[known] for one in given))


def _arguments(macro: Macro, arguments: Sequence[Mapping[str, Any]], parameters: Parameters) -> dict[str, str]:
    """Which name, run or experiment a call is about, where its arguments tell."""
    found: dict[str, str] = {}
    for place, argument in enumerate(arguments):
        key = argument["name"].lower() or dict(enumerate(macro.parameters)).get(place, "")
        text = _text(argument["expression"], parameters)
        if key in macro.narrows and text is not None:
            found[macro.narrows[key]] = text
    return found


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


def _guess(connection: DuckDBPyConnection, query: str, known: Collection[str]) -> Statement:
    """Read a statement that has no parse tree (COPY, PIVOT, EXPLAIN, PRAGMA) by its words."""
    words = {word.lower() for word in _WORD.findall(query)}
    found = Statement()
    _call(found, connection, sorted(words & MACROS.keys()))
    _take(found, known, [serialized(connection, MACROS[macro].query) for macro in found.macros])
    found.views |= words & set(known)
    found.tables |= words
    found.columns, found.numbers, found.catalog = None, True, _CATALOGS.search(query) is not None
    for match in _FIELD.finditer(query):
        steps = [a.replace('""', '"') or b.replace("''", "'") or c for a, b, c in _STEP.findall(match["path"])]
        _note(found, (match["struct"], *steps))
    return found
