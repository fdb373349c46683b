"""A figure as a page that draws it, whoever shows that."""

from __future__ import annotations

import pytest

from runstore.view.server import plotly
from runstore.view.server.problems import Problem


def test_nothing_in_a_figure_ends_the_element_that_holds_it() -> None:
    page = plotly.page(b'{"data": [{"name": "</script>"}]}', "<script src=x></script>")
    assert page.count("</script>") == 3
    assert "<script src=x></script>" in page


def test_scripts_have_the_nonce_that_the_policy_wants() -> None:
    assert '<script nonce="abc">' in plotly.page(b"{}", "", "abc")


def test_a_page_comes_in_parts_around_its_figure_and_its_script() -> None:
    before, between, after = plotly.parts()
    assert f"{before}{{}}{between}<script></script>{after}" == plotly.page(b"{}", "<script></script>")


@pytest.mark.parametrize("data", [b"", b"[]", b"{"])
def test_what_is_no_figure_is_refused(data: bytes) -> None:
    with pytest.raises(Problem) as refused:
        plotly.page(data, "")
    assert refused.value.status == 422


def test_the_installed_script_is_found() -> None:
    found = plotly.library()
    assert found is not None
    assert found.name == "plotly.min.js"
