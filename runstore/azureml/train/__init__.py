"""Azure ML SDK v1: ``azureml.train``."""
