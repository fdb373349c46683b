"""What draws logged figures of Plotly in a report: the installed package's script, once for all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runstore.errors import UsageError

_DRAW = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Drawing:
    """``parts``: a figure's page before its JSON, between that and Plotly's script, and after it.

    ``library`` is that script. Such a page lies in a frame of no origin, which the report's policy binds too.
    """

    parts: tuple[str, str, str]
    library: str

    @property
    def scripts(self) -> tuple[str, str]:
        """The scripts that a policy has to know."""
        (draw,) = _DRAW.findall(self.parts[2])
        return self.library, draw


def drawing() -> Drawing:
    """What draws, as it is installed.

    Raises:
        UsageError: it is not.
    """
    try:
        from runstore.view.server import plotly
    except ImportError as problem:
        raise UsageError(f"{problem.name} is not installed; `pip install 'runstore[ui]'` brings it") from None
    found = plotly.library()
    if found is None:
        raise UsageError("plotly is not installed; `pip install plotly` brings what draws its figures")
    script = found.read_text(encoding="utf-8").replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return Drawing(plotly.parts(), script)
