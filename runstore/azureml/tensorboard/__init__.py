"""Azure ML SDK v1: ``azureml.tensorboard``."""

from runstore.azureml.tensorboard.server import Tensorboard

__all__ = ["Tensorboard"]
