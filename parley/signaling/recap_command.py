"""`parley recap DIRECTORY`: runs the stages on a recording by hand, and shows how each of them ended."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from parley.recap.runner import RecapBusyError, Runner
from parley.recap.schedule import StageStatus
from parley.recap.stages import Graph, RecapStoppedError
from parley.store.recording import RecordingError

INTERRUPTED = 130


def run_recap(
    directory: Path,
    graph: Graph,
    settings: Any,
    *,
    only: str | None = None,
    again: bool = False,
    echo: Callable[[str], None] = print,
) -> tuple[int, str]:
    """The exit status and the last words: 0 when all that was asked for is there, 1 when a stage failed, 2 for what
    makes no sense. A table, a line for each stage as it ends, goes to `echo`."""
    if only is not None and only not in graph.stages:
        return 2, f"--only: there is no stage {only}, but {', '.join(graph.stages) or 'none at all'}"
    wanted = graph if only is None else graph.only(only)
    width = max((len(name) for name in wanted.stages), default=0)

    def show(status: StageStatus) -> None:
        if status.final:
            echo(f"{status.name:<{width}}  {status.state:<8}{status.seconds:>9.1f}  {_remark(status)}".rstrip())

    with _interruptible() as check:
        try:
            runner = Runner(
                directory, wanted, settings, again=(only or True) if again else False, on_change=show, check=check
            )
            echo(f"{'stage':<{width}}  {'state':<8}{'seconds':>9}")
            report = runner.run()
        except RecordingError as error:
            return 2, str(error)
        except RecapStoppedError:
            return INTERRUPTED, "interrupted; what is finished stays"
        except (RecapBusyError, OSError) as error:
            return 1, str(error)
    failed = [status.name for status in report.failed]
    return (1, f"failed: {', '.join(failed)}") if failed else (0, "")


def _remark(status: StageStatus) -> str:
    without = [f"without {', '.join(status.without)}"] if status.without else []
    return "; ".join((["as it was"] if status.cached else []) + without + ([status.words] if status.words else []))


@contextlib.contextmanager
def _interruptible() -> Iterator[Callable[[], None]]:
    """A check that raises once Ctrl-C was pressed: a second time, it is as always."""
    pressed = threading.Event()

    def press(number: int, frame: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def check() -> None:
        if pressed.is_set():
            raise RecapStoppedError

    before = signal.signal(signal.SIGINT, press)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
