"""Documents find any changed byte in themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import Damaged
from runstore.format import documents

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)  # fmt: skip
WHOLE = documents.render({"experiment": "demo", "created": 1})


@given(JSON)
def test_a_body_comes_back_as_it_was(body: object) -> None:
    assert documents.parse(documents.render(body), "here") == body


@pytest.mark.parametrize("at", range(len(WHOLE)))
def test_any_flipped_bit_is_found(at: int) -> None:
    for bit in range(8):
        changed = WHOLE[:at] + bytes([WHOLE[at] ^ 1 << bit]) + WHOLE[at + 1 :]
        with pytest.raises(Damaged, match="here: checksum does not match"):
            documents.parse(changed, "here")


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_a_document_cut_short_is_found(length: int) -> None:
    with pytest.raises(Damaged):
        documents.parse(WHOLE[:length], "here")


def test_bytes_after_a_document_are_found() -> None:
    with pytest.raises(Damaged):
        documents.parse(WHOLE + b"\n", "here")
