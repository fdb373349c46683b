"""The least that a page with one chart has to do: as many bytes as ours from Starlette, buckets from DuckDB, a canvas.

A process of its own: it prints its address. What it draws are means alone, without axes, and it does nothing else.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from array import array
from typing import Any

BUCKETS = 500
_PAGE = """<!doctype html><meta charset="utf-8"><title>floor</title>
<canvas width="700" height="300"></canvas><script type="module" src="page.js"></script>"""
_SCRIPT = """
const canvas = document.querySelector("canvas"), context = canvas.getContext("2d");
const shown = Number(new URL(location).searchParams.get("runs") ?? 10);
window.curves = async (low = 0, high = 1e9) => {
  const told = new Float64Array(await (await fetch(`curves?runs=${shown}&low=${low}&high=${high}`)).arrayBuffer());
  const found = [];
  for (let at = 0; at < told.length; at += 1 + 2 * told[at]) {
    const n = told[at];
    found.push([told.subarray(at + 1, at + 1 + n), told.subarray(at + 1 + n, at + 1 + 2 * n)]);
  }
  return found;
};
window.draw = (curves) => {
  const xs = curves.flatMap(([x]) => [x[0], x.at(-1)]), ys = curves.flatMap(([, y]) => [...y]);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  context.clearRect(0, 0, canvas.width, canvas.height);
  curves.forEach(([x, y], place) => {
    context.strokeStyle = `hsl(${place * 37} 70% 50%)`;
    context.lineWidth = 1;
    const at = (i) => [(x[i] - left) / (right - left) * canvas.width, (high - y[i]) / (high - low) * canvas.height];
    for (let from = 0; from < x.length - 1; from += 32) {
      context.beginPath();
      context.moveTo(...at(from));
      for (let i = from + 1; i <= Math.min(from + 32, x.length - 1); i++) context.lineTo(...at(i));
      context.stroke();
    }
  });
};
window.draw(await window.curves());
requestAnimationFrame(() => performance.mark("runstore: first chart"));
"""
_ASKED = f"""
SELECT x, y FROM (
    SELECT run_id, list(x ORDER BY x) AS x, list(y ORDER BY x) AS y FROM (
        SELECT run_id, avg(step) AS x, avg(value) AS y FROM read_parquet($path)
        WHERE step BETWEEN $low AND $high AND run_id IN (
            SELECT DISTINCT run_id FROM read_parquet($path) ORDER BY 1 LIMIT $runs
        ) GROUP BY run_id, step // greatest(1, (least($high, $steps) - $low) // {BUCKETS})
    ) GROUP BY run_id
)
"""


def main() -> None:
    """``PATH SIZE``: the file of the points, and how many bytes the page's script has."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    path, size = sys.argv[1], int(sys.argv[2])
    script = _SCRIPT + f"/*{'x' * max(0, size - len(_SCRIPT))}*/"

    def page(_: Request) -> Response:
        return Response(_PAGE, media_type="text/html")

    def code(_: Request) -> Response:
        return Response(script, media_type="text/javascript")

    def curves(request: Request) -> Response:
        return Response(_read(path, **{name: int(float(text)) for name, text in request.query_params.items()}))

    app = Starlette(routes=[Route("/", page), Route("/page.js", code), Route("/curves", curves)])
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as at:  # said, or answers wait for Nagle
        at.bind(("127.0.0.1", 0))
        at.listen()
        print(f"http://127.0.0.1:{at.getsockname()[1]}/", flush=True)
        asyncio.run(uvicorn.Server(uvicorn.Config(app, log_config=None)).serve([at]))


def _read(path: str, runs: int, low: int, high: int) -> bytes:
    import duckdb

    ((steps,),) = duckdb.execute("SELECT max(step) FROM read_parquet(?)", [path]).fetchall()
    asked: dict[str, Any] = {"path": path, "runs": runs, "low": low, "high": high, "steps": steps}
    told = array("d")
    for x, y in duckdb.execute(_ASKED, asked).fetchall():
        told.extend([len(x), *x, *y])
    return told.tobytes()


if __name__ == "__main__":
    main()
