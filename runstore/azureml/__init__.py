"""The Azure-ML-shaped face: the names, signatures and quirks of the Azure ML SDK v1, over the native classes.

Code written against the SDK's logging API runs with ``azureml`` replaced by ``runstore.azureml`` in its imports.
What works, and what differs, is told in ``docs/azureml.md``.
"""
