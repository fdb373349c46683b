import pytest

pytest.register_assert_rewrite("tests.crash.oracle")

from tests.crash.fixtures import all_templates, shared, templates  # noqa: E402

__all__ = ["all_templates", "shared", "templates"]
