"""SQL that a page sends: one SELECT, answered by a child process that can do nothing but read the workspace's views.

What the server calls::

    from runstore.view.sql.questions import Limits, Questions

    questions = Questions(workspace.path)  # starts nothing yet; Limits() may be given
    answer = questions.ask("select run_id, last.loss from runs")  # blocks; any number of threads may call it
    questions.close()  # ends the children

``ask(query: str, rows: int | None = None) -> dict`` gives what ``POST /api/sql`` says: ``columns`` (a list of
``{"name", "type"}``), ``rows`` (a list of lists of plain JSON values), ``truncated`` (None, ``"rows"`` or ``"bytes"``),
``ms`` and ``warnings`` (lines). It raises ``runstore.errors.QueryError``, whose text is
one line and says where in the query, for whatever is refused, wrong, too slow or too large: that is a 400.
"""
