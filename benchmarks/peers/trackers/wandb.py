"""Weights & Biases, offline: nothing in its library reads what it leaves behind, so its files are read here."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers.trackers import Curve, Params, Tracker

BLOCK, HEADER = 32_768, 7  # of its log: records in pieces, none across a block; checksum, length, kind


class Wandb(Tracker):
    """``mode="offline"``: a directory for each run, to be sent later."""

    title = "W&B offline"
    packages = ("wandb", "protobuf")
    used = (
        '`mode="offline"`; console, git, code and the monitor of the machine off; `run.log(dict, step=)`; it has '
        "no way to read such runs: their `.wandb` files are read with its own protobuf classes"
    )
    slowness = 10

    def start(self, name: str, params: Params) -> None:
        import wandb

        quiet = wandb.Settings(console="off", silent=True, disable_git=True, disable_code=True, x_disable_stats=True)
        self._run = wandb.init(
            project="p", name=name, dir=self.place, config=dict(params), mode="offline", settings=quiet
        )

    def scalars(self, values: Iterable[float]) -> None:
        log = self._run.log
        for step, value in enumerate(values):
            log({"loss": value}, step=step)

    def rows(self, rows: Iterable[Mapping[str, float]]) -> None:
        log = self._run.log
        for step, row in enumerate(rows):
            log(row, step=step)

    def finish(self) -> None:
        self._run.finish()

    def _files(self) -> list[Path]:
        return sorted(self.place.glob("wandb/offline-run-*/*.wandb"))

    def leaderboard(self, params: Sequence[str]) -> list[tuple[Any, ...]]:
        board = []
        for path in self._files():
            config, loss = {}, 0.0
            for record in _records(path):
                kind = record.WhichOneof("record_type")
                if kind == "run":
                    config = {item.key: json.loads(item.value_json) for item in record.run.config.update}
                elif kind == "history":
                    loss = _items(record).get("loss", loss)
            board.append((loss, *(config[name] for name in params)))
        return sorted(board)

    def curve(self) -> Curve:
        (path,) = self._files()
        steps, values = [], []
        for record in _records(path):
            if record.WhichOneof("record_type") == "history":
                steps.append(record.history.step.num)
                values.append(_items(record)["loss"])
        return steps, values


def _items(record: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): _value(item) for item in record.history.item}


def _value(item: Any) -> Any:
    return json.loads(item.value_json)


def _records(path: Path) -> Iterator[Any]:
    """The whole records of a log, up to where it is cut off."""
    from wandb.proto import wandb_internal_pb2

    for whole in pieces(path.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(whole)
        yield record


def pieces(data: bytes) -> Iterator[bytes]:
    """The records of a log as bytes: kind 1 is whole, 2 the first piece of one, 3 a middle one, 4 the last."""
    place, gathered = HEADER, b""  # the file begins with a header as long as a piece's
    while place + HEADER <= len(data):
        left = BLOCK - place % BLOCK
        if left < HEADER:
            place += left
            continue
        checksum, length, kind = struct.unpack_from("<IHB", data, place)
        piece = data[place + HEADER : place + HEADER + length]
        if not kind or len(piece) < length or zlib.crc32(piece, zlib.crc32(bytes([kind]))) != checksum:
            return
        place += HEADER + length
        gathered = piece if kind in (1, 2) else gathered + piece
        if kind in (1, 4):
            yield gathered


TRACKER = Wandb
