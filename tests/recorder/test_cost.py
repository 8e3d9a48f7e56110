"""What a full meeting costs: the short form of `python benchmarks/recorder.py`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "recorder.py"


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmarks_recorder", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_ten_people_take_less_than_a_tenth_of_a_core_and_no_more_memory_the_longer_they_talk(tmp_path: Path) -> None:
    cost = benchmark().measure(10, 24, tmp_path)
    assert cost.cpu < 0.10
    assert cost.after - cost.before < 20_000_000
    assert cost.lost == 10 * (1 + 1)  # each camera once and each microphone once
