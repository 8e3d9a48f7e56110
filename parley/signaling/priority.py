"""Puts a process behind those that serve meetings: processor and disk are its when nobody else wants them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys

NICE = 10

_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
_IOPRIO_WHO_PROCESS = 1
_IOPRIO_CLASS_IDLE = 3 << 13


def step_back() -> list[str]:
    """Lower the priority of this process as far as the system lets it; what was done, for the log."""
    done: list[str] = []
    with contextlib.suppress(OSError):
        os.nice(NICE - os.nice(0))
        done.append(f"nice {NICE}")
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
            done.append("batch scheduling")
    if _idle_disk():
        done.append("idle disk")
    return done


def _idle_disk() -> bool:
    """ioprio_set(2), which has no wrapper in the C library."""
    number = _IOPRIO_SET.get(platform.machine())
    if not sys.platform.startswith("linux") or number is None:
        return False
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    return int(syscall(number, _IOPRIO_WHO_PROCESS, 0, _IOPRIO_CLASS_IDLE)) == 0
