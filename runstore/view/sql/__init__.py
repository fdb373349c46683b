"""Questions of people who are not trusted, each answered by a child process that only reads the workspace's data.

What the server calls::

    from runstore.view.sql.questions import Limits, Questions

    questions = Questions(workspace.path)  # starts nothing yet; Limits() may be given
    questions.warm()  # optional: the first question then needn't wait for a process to start (a second)
    answer = questions.ask("select run_id, last.loss from runs")  # blocks; any number of threads may call it
    page = questions.feed("runs.runs", {"where": "lr < 0.1"})  # a function of the feed; page.body is JSON
    questions.close()  # ends the children; who still waits gets an error

``ask(query: str, rows: int | None = None) -> dict`` gives what ``POST /api/sql`` says: ``columns`` (a list of
``{"name", "type"}``, no name twice), ``rows`` (a list of lists of plain JSON values), ``truncated`` (None, ``"rows"``
or ``"bytes"``: there was more than the limit of rows or of bytes), ``ms`` and ``warnings`` (lines to be shown). It
raises ``runstore.errors.QueryError``, whose text is one line and says where in the query, for whatever is refused,
wrong, too slow or too large: that is a 400.

Values are what they are (``query.plain``): whole numbers beyond 2^53 are text, so are decimals of more than 15 digits;
NaN and infinite numbers are the texts ``"NaN"``, ``"Infinity"``, ``"-Infinity"`` in a column whose type is DOUBLE or
FLOAT; TIMESTAMPs are ISO 8601 with Z; LIST, STRUCT and MAP are JSON lists and objects; a JSON column is its text.
"""
