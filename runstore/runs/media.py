"""Values that are more than one number: lists, tables, images, charts, sound, video."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from runstore.errors import NotWritable
from runstore.format import values
from runstore.runs.uploads import UploadingRun

if TYPE_CHECKING:
    from runstore.runs.artifact_names import Taken
    from runstore.runs.logged_files import Found, Names
    from runstore.runs.writer import Writer


class MediaRun(UploadingRun):
    """A run that takes every kind of value.

    What is logged as a file is an artifact that belongs to the metric ``name``: ``get_metrics()`` gives its URI. A
    name may be any text; a name that came from a file, or that is used again, gets a number where it is taken. Where a
    disk is full none of these calls raises: what can't be kept is counted as dropped, with one warning.
    """

    _names: Names | None = None

    # ---- many numbers

    def log_list(self, name: str, values: Any, description: str = "", *, step: Any = None) -> None:
        """Log each value of a list as one more value of a metric, as ``log`` would; an empty list logs nothing.

        Args:
            name: the metric.
            values: any iterable of scalars, a generator too (read once), or a one-dimensional array.
            description: said once about the name.
            step: of all of them; None: each gets the next index of this name.

        Raises:
            InvalidValue: no iterable, or an element that can't be logged; nothing is stored then.
        """
        if self._disabled:
            return
        from runstore.runs import arrays

        logged = arrays.listed(values, f"list {name!r}")
        writer = self._taking(len(logged))
        if writer is not None:
            writer.points.series(name, logged, step)
            writer.points.note(name, description)

    def log_batch(self, name: str, values: Any, steps: Any = None, times: Any = None) -> None:
        """Log a whole array of points at once: a million in a fraction of a second.

        Args:
            name: the metric.
            values: a list, array, series or tensor of scalars, kept exactly.
            steps: as many 64-bit integers; None: each gets the next index of this name.
            times: as many times: ``datetime`` (without a zone: UTC), ``numpy.datetime64``, or integers in nanoseconds
                since 1970; None: now.

        Raises:
            InvalidValue: an element that can't be logged, is no step or no time; nothing is stored then.
            UsageError: not as many steps or times as values.
        """
        if self._disabled:
            return
        from runstore.runs import arrays

        logged = arrays.listed(values, f"batch {name!r}")
        at = None if steps is None else arrays.steps(steps, len(logged))
        when = None if times is None else arrays.times(times, len(logged))
        writer = self._taking(len(logged))
        if writer is not None:
            writer.points.series(name, logged, at, when)

    def log_table(self, name: str, table: Any, description: str = "", *, step: Any = None) -> None:
        """Log rows of a table, as ``log_row`` would one after another; an empty table logs nothing.

        Args:
            name: the table.
            table: a dict of columns (lists, tuples, arrays, series) or of scalars (one row), a list of dicts, a pandas
                or polars DataFrame, an Arrow Table. Dates become ISO text.
            description: said once about the name.
            step: of all rows; None: each gets the next index.

        Raises:
            UsageError: columns of unequal length, or the name holds another kind of thing.
            InvalidValue: no table, or a cell that can't be logged; nothing is stored then.
        """
        if self._disabled:
            return
        from runstore.runs import tables

        rows = tables.rows(table, f"table {name!r}")
        writer = self._taking(len(rows))
        if writer is not None:
            writer.points.rows(name, rows, step)
            writer.points.note(name, description)

    # ---- pictures

    def log_image(
        self,
        name: str,
        path: str | os.PathLike[str] | None = None,
        plot: Any = None,
        description: str = "",
        *,
        image: Any = None,
        step: Any = None,
    ) -> None:
        """Log one image: a file, a plot, or pixels.

        Args:
            name: the metric.
            path: an image file: PNG, JPEG, GIF, BMP, TIFF, WebP or SVG, told by its first bytes.
            plot: anything with ``savefig``: the pyplot module or a figure. It is neither shown nor closed.
            description: said once about the name.
            image: a PIL image; or an array or tensor (height, width[, channels]), of torch (channels, height, width):
                integers 0 to 255, floats 0 to 1, or bools. It is stored as PNG.
            step: to which step it belongs.

        Raises:
            UsageError: none or several of the three, no image file, pixels out of their range.
            InvalidValue: something that is no plot or no image.
            StoreError: the file can't be read.
        """
        from runstore.runs import images

        self._keep(name, "image", partial(images.found, path, plot, image), description, step)

    def log_figure(self, name: str, figure: Any, description: str = "", *, step: Any = None) -> None:
        """Log a figure: of Plotly as its JSON, which stays interactive; anything with ``savefig`` as PNG.

        Raises:
            InvalidValue: neither.
        """
        from runstore.runs import images

        self._keep(name, "figure", partial(images.figure, figure), description, step)

    def log_video(self, name: str, video: Any, description: str = "", *, fps: float = 10, step: Any = None) -> None:
        """Log a video: a file as it is, or frames, which are stored without loss as animated PNG.

        Args:
            name: the metric.
            video: a path; or images of one size (see ``log_image``), or an array or tensor of them.
            description: said once about the name.
            fps: frames per second, of frames.
            step: to which step it belongs.

        Raises:
            UsageError: no frames, or frames of different sizes.
            InvalidValue: neither.
            StoreError: the file can't be read.
        """
        from runstore.runs import video as moving

        self._keep(name, "video", partial(moving.found, video, fps), description, step)

    # ---- text, sound, space

    def log_text(self, name: str, text: str, description: str = "", *, step: Any = None) -> None:
        """Log a text as a file of its own (``log`` keeps short ones among the values)."""
        from runstore.runs import logged_files

        self._keep(name, "text", partial(logged_files.text, text, "text/plain", ".txt"), description, step)

    def log_html(self, name: str, html: str, description: str = "", *, step: Any = None) -> None:
        """Log a piece of HTML, or a page. It is shown apart from the page around it, and never run in it."""
        from runstore.runs import logged_files

        self._keep(name, "html", partial(logged_files.text, html, "text/html", ".html"), description, step)

    def log_audio(
        self, name: str, audio: Any, rate: int | None = None, description: str = "", *, step: Any = None
    ) -> None:
        """Log sound: a file as it is, or samples, which are stored as WAV.

        Args:
            name: the metric.
            audio: a path; or samples (samples[, channels]) as floats from -1 to 1, int16, int32 or uint8.
            rate: samples per second, of samples.
            description: said once about the name.
            step: to which step it belongs.

        Raises:
            UsageError: samples without a rate, or of another shape.
            InvalidValue: neither.
            StoreError: the file can't be read.
        """
        from runstore.runs import sound

        self._keep(name, "audio", partial(sound.found, audio, rate), description, step)

    def log_point_cloud(self, name: str, points: Any, description: str = "", *, step: Any = None) -> None:
        """Log points in space: a file as it is, or rows, which are stored as binary PLY.

        Args:
            name: the metric.
            points: a path; or rows of x, y, z and nothing, an intensity, an intensity and a label, or red, green, blue
                (0 to 255).
            description: said once about the name.
            step: to which step it belongs.

        Raises:
            UsageError: rows of another length.
            InvalidValue: neither.
            StoreError: the file can't be read.
        """
        from runstore.runs import clouds

        self._keep(name, "point_cloud", partial(clouds.found, points), description, step)

    # ---- charts

    def log_histogram(self, name: str, values: Any, description: str = "", *, bins: int = 64, step: Any = None) -> None:
        """Log the distribution of many numbers: how many lie in each of ``bins`` bins of equal width.

        Args:
            name: the metric.
            values: a list, array or tensor of any shape, of which NaN and infinities are left out; or a pair of counts
                and of edges, one more than counts.
            description: said once about the name.
            bins: how many.
            step: to which step it belongs.

        Raises:
            UsageError: no bins, or edges that do not fit the counts.
            InvalidValue: something that holds no numbers.
        """
        from runstore.runs import charts

        self._keep(name, "histogram", partial(charts.found_histogram, values, bins), description, step)

    def log_confusion_matrix(
        self,
        name: str,
        value: Mapping[str, Any] | str | None = None,
        description: str = "",
        *,
        y_true: Any = None,
        y_pred: Any = None,
        labels: Any = None,
        step: Any = None,
    ) -> None:
        """Log a confusion matrix, as JSON in the shape of the Azure ML SDK v1, or from true and predicted classes.

        Args:
            name: the metric, and the artifact.
            value: a dict or JSON text; its shape is not checked.
            description: said once about the name.
            y_true: instead of ``value``: the true class of each sample.
            y_pred: and the predicted one.
            labels: the classes in order; None: those that occur, sorted.
            step: to which step it belongs.

        Raises:
            UsageError: text that is no JSON, or not as many predicted as true classes.
            InvalidValue: neither a dict nor text.
        """
        from runstore.runs import charts

        make = partial(charts.confusion_matrix, y_true, y_pred, labels)
        self._keep(name, "confusion_matrix", partial(charts.found, value, make), description, step)

    def log_accuracy_table(
        self, name: str, value: Mapping[str, Any] | str, description: str = "", *, step: Any = None
    ) -> None:
        """Log an accuracy table, as JSON in the shape of the Azure ML SDK v1, which is not checked.

        Raises:
            UsageError: text that is no JSON.
            InvalidValue: neither a dict nor text.
        """
        from runstore.runs import charts

        self._keep(name, "accuracy_table", partial(charts.found, value), description, step)

    def log_residuals(
        self,
        name: str,
        value: Mapping[str, Any] | str | None = None,
        description: str = "",
        *,
        y_true: Any = None,
        y_pred: Any = None,
        bins: int = 64,
        step: Any = None,
    ) -> None:
        """Log residuals, as JSON in the shape of the Azure ML SDK v1, or from true and predicted values.

        Args:
            name: the metric, and the artifact.
            value: a dict or JSON text; its shape is not checked.
            description: said once about the name.
            y_true: instead of ``value``: the true value of each sample.
            y_pred: and the predicted one.
            bins: of the histogram of predicted minus true.
            step: to which step it belongs.

        Raises:
            UsageError: text that is no JSON, or not as many predicted as true values.
            InvalidValue: neither a dict nor text.
        """
        from runstore.runs import charts

        make = partial(charts.residuals, y_true, y_pred, bins)
        self._keep(name, "residuals", partial(charts.found, value, make), description, step)

    def log_predictions(
        self, name: str, value: Mapping[str, Any] | str, description: str = "", *, step: Any = None
    ) -> None:
        """Log predictions, as JSON in the shape of the Azure ML SDK v1, which is not checked.

        Raises:
            UsageError: text that is no JSON.
            InvalidValue: neither a dict nor text.
        """
        from runstore.runs import charts

        self._keep(name, "predictions", partial(charts.found, value), description, step)

    # ---- shared

    def forked(self) -> None:
        """In a forked child: names are given by its own writer."""
        self.__dict__.pop("_names", None)
        super().forked()

    def _keep(self, name: str, kind: str, make: Callable[[], Found], description: str, step: Any) -> None:
        """Store what is logged as a file; count it where the disk refuses."""
        if self._disabled:
            return
        found = make()
        name, step, writer = values.name(name), values.step(step), self._taking(1)
        if writer is None:
            return
        writer.points.claim(name, kind)
        writer.points.note(name, description)
        known, names = self._naming(writer)
        with known.lock:
            artifact = names.give(name, found, writer.stream.hot.now() // 10**9)
            try:
                self._store(artifact, found.source, kind=kind, media_type=found.media_type, step=step, metric=name)
            except NotWritable as problem:
                writer.lose(problem)

    def _naming(self, writer: Writer) -> tuple[Taken, Names]:
        known = self._taken()
        if self._names is None:
            from runstore.runs import logged_files, state

            who, before = writer.identity, set[str]()
            if not who.opener or who.attempt > 1:
                before = {fact["name"] for fact in state.fold(self.path).artifacts if "metric" in fact}
            own = logged_files.mark(self._start.get("rank"), self._forked is not None, who.writer)
            self.__dict__.setdefault("_names", logged_files.Names(known.has, before, own))
        assert self._names is not None
        return known, self._names
