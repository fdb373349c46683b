"""The SDK's datasets: importable, out of scope."""

from __future__ import annotations

from runstore.azureml import later


class _Factory:
    """``Dataset.File`` and ``Dataset.Tabular``."""

    from_files = staticmethod(later.method("Dataset.from_files()", later.NEVER))
    from_delimited_files = staticmethod(later.method("Dataset.from_delimited_files()", later.NEVER))
    upload_directory = staticmethod(later.method("Dataset.upload_directory()", later.NEVER))


class Dataset:
    """Data kept by a workspace. Every call raises; open the files themselves instead."""

    File = _Factory
    Tabular = _Factory

    get_by_name = staticmethod(later.method("Dataset.get_by_name()", later.NEVER))
    get_by_id = staticmethod(later.method("Dataset.get_by_id()", later.NEVER))
    get_all = staticmethod(later.method("Dataset.get_all()", later.NEVER))
