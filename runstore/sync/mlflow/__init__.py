"""Runs sent to an MLflow tracking server: what runstore keeps, as MLflow has it.

No workspace can be brought back from there, so it is no ``Remote``: ``push`` sends, ``probe`` looks if one answers.
"""

from runstore.sync.mlflow.pushing import probe, push

__all__ = ["probe", "push"]
