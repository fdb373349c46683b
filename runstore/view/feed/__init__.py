"""What the page, the notebook and the report show, as plain values: functions of an opened workspace.

Each gives what its endpoint answers, ready for JSON: dicts, lists, texts, finite numbers; times as ISO 8601 in UTC.
What is a file is a ``Content``; curves are the bytes of one frame. A run's id may be any unique beginning of it.
They raise nothing but ``RunstoreError``: ``RunNotFound`` and ``StoreError`` for what isn't there, ``QueryError`` and
``UsageError`` for what was asked wrongly.

    workspace.workspace(ws, *, editable=False, url=None) -> dict
    workspace.experiments(ws, search="", limit=1000, offset=0) -> dict
    runs.runs(ws, where=None, sort=None, desc=False, columns=None, experiment=None, limit=100, offset=0) -> dict
    columns.columns(ws, experiment=None, search="", limit=500, offset=0, runs=None) -> dict
    facets.facets(ws, column, where=None, experiment=None, limit=50, figures=None) -> dict
    metrics.metrics(ws, runs=None, experiment=None, search="", limit=200, offset=0) -> dict
    curves.curves(ws, requests, cursor=None) -> bytes
    run.run(ws, run_id) -> dict
    run.children(ws, run_id, limit=100, offset=0) -> dict
    media.media(ws, run_id, kind=None, name=None, limit=100, offset=0) -> dict
    media.rows(ws, run_id, name, limit=100, offset=0, sort=None, desc=False, search="", where=()) -> dict
    tables.joined(ws, runs, name, key=None, *, search="", where=(), differs=False, sort=None, of=0, change=False,
                  desc=False, limit=100, offset=0) -> dict
    media.value(ws, run_id, name, step=None) -> dict
    files.files(ws, run_id, search="", limit=1000, offset=0) -> dict
    files.file(ws, run_id, path) -> Content
    files.archive(ws, run_id, target, prefix=None) -> Content
    data.data(ws, run_id, target, form="csv", metric=None, table=None) -> Content
    lineage.lineage(ws, run_id, path) -> dict
    logs.logs(ws, run_id) -> dict
    logs.log(ws, run_id, name, offset=0, limit=262144) -> dict
    snapshot.snapshot(ws, run_id) -> dict
    snapshot.file(ws, run_id, path) -> Content
    system.system(ws, run_id) -> dict
    compare.compare(ws, runs, baseline=None, parts=compare.PARTS) -> dict
    models.models(ws, search="", limit=200, offset=0) -> dict
    sweeps.sweeps(ws, experiment=None, limit=50, offset=0) -> dict
    sweeps.sweep(ws, run_id) -> dict
    ahead.ready(ws) -> None

``content.Content`` has ``name``, ``media_type``, ``size``, ``sha256`` (None where it is not known), ``read()`` for its
bytes and ``save(path)``, which writes them to a file without holding them; both verify. ``archive`` and ``data`` write
to the path ``target``, which their caller removes. A negative ``offset`` of ``log`` counts from the log's end.
"""
