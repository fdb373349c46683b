"""Expressions from outside: parsed whole, checked node by node against lists, and written anew by DuckDB.

The text itself never becomes part of a statement. What does is DuckDB's own rendering of the checked parse tree, and
only if that rendering parses to the same tree again.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from runstore.errors import QueryError
from runstore.query import statement
from runstore.query.connect import DuckDBPyConnection, connect, one_line, refusals

Node: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str, ...]

LONGEST = 100_000
"""Characters of an expression."""
DEEPEST = 200
"""Levels of an expression's parse tree."""

_HEAD = "SELECT\n"
_SPELLING = frozenset({"query_location", "query_location_length", "is_operator"})
_CLASSES = frozenset(
    {"COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN", "CASE", "CAST", "OPERATOR", "FUNCTION", "TYPE"}
)
_OPERATORS = frozenset(
    {
        "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE", "OPERATOR_NULLIF",
        "OPERATOR_TRY", "COMPARE_IN", "COMPARE_NOT_IN", "ARRAY_EXTRACT", "ARRAY_SLICE", "STRUCT_EXTRACT",
    }
)  # fmt: skip
_TYPE_NAMES = (
    "BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT REAL DOUBLE "
    "DECIMAL NUMERIC VARCHAR TEXT STRING CHAR DATE TIME TIMESTAMP DATETIME INTERVAL UUID BOOL INT INT2 INT4 INT8 LONG "
    "SHORT FLOAT4 FLOAT8 TIMESTAMPTZ TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS"
)
_TYPES = frozenset(_TYPE_NAMES.split())
_FUNCTION_NAMES = """
+ - * / // % ** ^ & | << >> ~ || ! @ ~~ !~~ ~~* !~~* ~~~ like_escape not_like_escape ilike_escape not_ilike_escape
abs acos acosh add asin asinh atan atan2 atanh cbrt ceil ceiling cos cosh cot degrees divide even exp factorial
fdiv floor fmod gamma gcd greatest isfinite isinf isnan lcm least lgamma ln log log10 log2 mod multiply nextafter
pi pow power radians round sign signbit sin sinh sqrt subtract tan tanh trunc xor bit_count
ascii bit_length char_length character_length chr concat concat_ws contains damerau_levenshtein editdist3 ends_with
format hamming instr jaccard jaro_similarity jaro_winkler_similarity lcase left length len levenshtein lower lpad
ltrim md5 mismatches nfc_normalize octet_length ord position prefix regexp_escape regexp_extract
regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array replace reverse right rpad
rtrim sha1 sha256 split split_part starts_with str_split str_split_regex string_split string_split_regex
strip_accents strlen strpos substr substring suffix translate trim ucase unicode upper
age century current_date date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day
dayname dayofmonth dayofweek dayofyear decade epoch epoch_ms epoch_ns epoch_us era get_current_time
get_current_timestamp hour isodow isoyear julian last_day make_date make_time make_timestamp microsecond millennium
millisecond minute month monthname now quarter second strftime strptime time_bucket timezone to_centuries to_days
to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds
to_timestamp to_weeks to_years today transaction_timestamp try_strptime week weekday weekofyear year yearweek
array_contains array_extract array_has array_has_all array_has_any array_length cardinality constant_or_null
element_at flatten hash if list_any_value list_contains list_count list_distinct list_element list_extract list_has
list_has_all list_has_any list_max list_min list_position list_sort list_sum list_value map_contains map_extract
map_keys map_values nullif struct_extract typeof
json_array_length json_contains json_exists json_extract json_extract_string json_keys json_type json_valid ->>
"""
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
"""Functions that an expression may call: they compute from their arguments alone and see nothing else."""


def parse(connection: DuckDBPyConnection, text: str) -> Node:
    """Parse and check one expression.

    Args:
        connection: any; nothing is run on it but DuckDB's parser.
        text: the expression, as somebody typed it.

    Returns:
        DuckDB's parse tree of it.

    Raises:
        QueryError: it is not exactly one expression, or holds something that is not on the lists.
    """
    if len(text) > LONGEST:
        raise QueryError(f"it has {len(text):,} characters; at most {LONGEST:,} are read")
    node = _only_expression(_tree(connection, f"{_HEAD}{text}"))
    _check(node, 0)
    # Within parentheses no clause can follow it, and the parser drops none (it does drop an unused WINDOW).
    if _meaning(_only_expression(_tree(connection, f"{_HEAD}(\n{text}\n)"))) != _meaning(node):
        raise QueryError("that is not one expression")
    return node


def render(connection: DuckDBPyConnection, node: Node) -> str:
    """SQL of a checked expression, written by DuckDB, in parentheses.

    Raises:
        QueryError: DuckDB writes something else than what was checked.
    """
    tree = _frame()
    tree["statements"][0]["node"]["select_list"] = [node]
    ((text,),) = connection.execute("SELECT json_deserialize_sql(?::JSON)", [orjson.dumps(tree).decode()]).fetchall()
    sql: str = text.removeprefix("SELECT ")
    if _meaning(_only_expression(_tree(connection, f"{_HEAD}{sql}"))) != _meaning(node):
        raise QueryError("it can't be written in another way; use simpler names or operators")
    return f"({sql})"


def replace_columns(node: Any, replacement: Callable[[Path], Node | None]) -> Any:
    """The tree with other nodes in place of columns; ``replacement`` gives None for what stays."""
    if isinstance(node, list):
        return [replace_columns(branch, replacement) for branch in node]
    if not isinstance(node, dict):
        return node
    if node.get("class") == "COLUMN_REF":
        return replacement(tuple(node["column_names"])) or node
    return {key: replace_columns(branch, replacement) for key, branch in node.items()}


def _tree(connection: DuckDBPyConnection, query: str) -> Node:
    try:
        with refusals():
            tree = statement.serialized(connection, query)
    except ValueError:
        raise QueryError("it is nested too deeply") from None
    if tree.get("error"):
        raise QueryError(one_line(str(tree.get("error_message", "it can't be parsed"))))
    return tree


@functools.lru_cache(maxsize=1)
def _frame_text() -> bytes:
    return orjson.dumps(_meaning(_tree(connect(), f"{_HEAD}true")))


def _frame() -> Node:
    """The parse tree of a SELECT that has nothing but one expression."""
    frame: Node = orjson.loads(_frame_text())
    return frame


def _only_expression(tree: Node) -> Node:
    """The expression of a SELECT that has nothing else: every other part must be as in ``SELECT true``."""
    selects = [statement_["node"].get("select_list") for statement_ in tree["statements"]]
    if len(selects) == 1 and isinstance(selects[0], list) and len(selects[0]) == 1:
        expression: Node = selects[0][0]
        rest, frame = _meaning(tree), _frame()
        for each in (rest, frame):
            del each["statements"][0]["node"]["select_list"]
        if rest == frame:
            return expression
    raise QueryError("that is not one expression")


def _meaning(node: Any) -> Any:
    """A tree without how it was spelled: where its parts stand, and whether a call is written as an operator."""
    if isinstance(node, list):
        return [_meaning(branch) for branch in node]
    if isinstance(node, dict):
        return {key: _meaning(branch) for key, branch in node.items() if key not in _SPELLING}
    return node


def _check(node: Any, depth: int) -> None:
    """Refuse what is not on the lists.

    Raises:
        QueryError: something is not.
    """
    if depth > DEEPEST:
        raise QueryError("it is nested too deeply")
    if isinstance(node, dict) and "class" in node:
        _check_node(node)
    for branch in _branches(node):
        _check(branch, depth + 1)


def _branches(node: Any) -> Iterator[Any]:
    branches = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    yield from (branch for branch in branches if isinstance(branch, dict | list))


def _check_node(node: Mapping[str, Any]) -> None:
    kind = node["class"]
    if kind == "SUBQUERY":
        raise QueryError("no query inside a filter; ask in SQL instead")
    if kind not in _CLASSES or (kind == "OPERATOR" and node["type"] not in _OPERATORS) or node.get("alias"):
        raise QueryError(f"{_plain(node)} can't be used in a filter; ask in SQL instead")
    if kind == "FUNCTION":
        _check_function(node)
    if kind == "TYPE" and (node["type_name"].upper() not in _TYPES or _qualified(node)):
        raise QueryError(f"the type {node['type_name']!r} can't be used in a filter; ask in SQL instead")


def _check_function(node: Mapping[str, Any]) -> None:
    name = node["function_name"]
    if name.lower() not in FUNCTIONS or _qualified(node):
        raise QueryError(f"the function {name!r} can't be used in a filter; ask in SQL instead")
    extra = node["filter"], node["order_bys"]["orders"], node["distinct"], node["export_state"]
    if any(extra) or any(argument["name"] for argument in node["arguments"]):
        raise QueryError(f"the function {name!r} takes only values in a filter; ask in SQL instead")


def _qualified(node: Mapping[str, Any]) -> bool:
    return bool(node["catalog"] or node["schema"] or len(node["qualified_name"]["path"]) > 1)


def _plain(node: Mapping[str, Any]) -> str:
    """A node's kind, for people."""
    return "a new name" if node.get("alias") else str(node["type"]).lower().replace("_", " ")
