"""What kinds of thing a metric's name may hold, as the page calls them."""

from __future__ import annotations

CURVE, VALUE, TABLE = "curve", "value", "table"
FILES = {
    "image": "image", "text": "text", "histogram": "histogram", "confusion_matrix": "confusion",
    "accuracy_table": "accuracy", "residuals": "residuals", "predictions": "predictions", "figure": "figure",
    "audio": "audio", "video": "video", "html": "html", "point_cloud": "cloud",
}  # fmt: skip
"""Of what is logged as a file: the artifact's kind, and the page's word for it."""

CHARTS = frozenset({"histogram", "confusion", "accuracy", "residuals", "predictions"})
"""Those whose file is JSON that a chart is drawn from."""


def of(artifact: str) -> str:
    """The page's word for an artifact's kind."""
    return FILES.get(artifact, artifact)
