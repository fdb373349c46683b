"""A figure of Plotly as a page that draws it, with the script of the installed package. No server is needed for it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import orjson

from runstore.view.server.problems import Problem

_DRAWN = """<html lang="en"><meta charset="utf-8"><title>A figure</title>
<style>html, body, #figure {{ margin: 0; height: 100%; overflow: hidden }}</style>
<div id="figure"></div>
<script type="application/json" id="told">{told}</script>
{library}
<script{nonce}>
const told = JSON.parse(document.getElementById("told").textContent);
const figure = document.getElementById("figure");
function draw() {{
  const [wide, high] = [figure.clientWidth, figure.clientHeight];
  if (wide < 100 || high < 100) return requestAnimationFrame(draw);  // not laid out yet
  const small = high < 320 ? {{ margin: {{ l: 44, r: 12, t: 28, b: 32 }} }} : {{}};  // Plotly's own leave no room
  const layout = {{ ...told.layout, ...small, autosize: true, width: undefined, height: undefined }};
  const drawn = Plotly.newPlot(figure, told.data || [], layout, {{ responsive: true, displaylogo: false }});
  if (told.frames) drawn.then((done) => Plotly.addFrames(done, told.frames));
}}
draw();
</script>
</html>
"""
_LACKING = """<html lang="en"><meta charset="utf-8"><title>A figure</title>
<p>This figure was made with Plotly, which is not installed here. Install it and open the page again:</p>
<pre>pip install plotly</pre>
</html>
"""


def library() -> Path | None:
    """Plotly's script as the installed package has it; the package itself is not loaded."""
    found = importlib.util.find_spec("plotly")
    for directory in (found.submodule_search_locations or ()) if found is not None else ():
        path = Path(directory, "package_data", "plotly.min.js")
        if path.is_file():
            return path
    return None


def parts() -> tuple[str, str, str]:
    """A page that draws a figure as it stands before its JSON, between that and Plotly's script, and after it."""
    before, between, after = _DRAWN.format(told="\0", library="\0", nonce="").split("\0")
    return before, between, after


def page(data: bytes, script: str | None, nonce: str = "") -> str:
    """A page that draws a figure, without its doctype.

    Args:
        data: the figure's JSON.
        script: the element that brings Plotly; None where it is not installed: the page says so.
        nonce: what the policy wants of a script.

    Raises:
        Problem: it is no figure.
    """
    try:
        told = orjson.loads(data)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise Problem(422, "this is no figure of Plotly", "Download it to see what it is.")
    if script is None:
        return _LACKING
    quiet = orjson.dumps(told).decode().replace("<", "\\u003c")  # nothing in it ends the element that holds it
    return _DRAWN.format(told=quiet, library=script, nonce=f' nonce="{nonce}"' if nonce else "")
