from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest

from runstore.format import schemas


@pytest.mark.parametrize("kind", schemas.COLUMNS)
def test_a_schema_has_the_columns_in_order_with_types_that_delta_has(kind: str) -> None:
    schema = schemas.schema(kind)
    assert schema.names == list(schemas.COLUMNS[kind])
    delta = {pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us", "UTC")}
    assert set(schema.types) <= delta


@pytest.mark.parametrize("kind", schemas.COLUMNS)
def test_every_column_has_a_dictionary_or_an_encoding_or_is_plain_data(kind: str) -> None:
    encoded = set(schemas.encodings(kind)) | set(schemas.DICTIONARIES)
    assert set(schemas.COLUMNS[kind]) - encoded <= {"data"}
    assert not set(schemas.encodings(kind)) & set(schemas.DICTIONARIES)
    assert set(schemas.SORTED_BY) <= set(schemas.COLUMNS[kind])


def test_importing_the_schemas_does_not_import_arrow() -> None:
    code = "import sys, runstore.format.schemas, runstore.disk.segment; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
