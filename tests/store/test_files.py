"""Bytes on disk: there when all of them are, gone when they should be, and nowhere else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from parley.store.files import FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def everything(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def kept(store: FileStore, meeting_id: str, file_id: str, data: bytes = b"data") -> Path:
    part = store.create(meeting_id, file_id)
    part.write(data)
    part.keep()
    return store.path(meeting_id, file_id)


def test_a_file_is_there_when_all_of_it_is_and_for_nobody_else_on_the_machine(store: FileStore) -> None:
    part = store.create("meeting", "file")
    part.write(b"one ")
    part.write(bytearray(b"two"))
    path = store.path("meeting", "file")
    assert not path.exists()
    part.keep()
    assert path.read_bytes() == b"one two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_comes_to_nothing_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    part = store.create("meeting", "file")
    part.write(b"half")
    part.discard()
    assert everything(tmp_path) == {"files"}


def test_a_deleted_file_is_gone_and_the_others_are_not(store: FileStore) -> None:
    gone, there = kept(store, "meeting", "gone"), kept(store, "meeting", "there")
    for _ in range(2):
        store.delete("meeting", "gone")
    assert (gone.exists(), there.exists()) == (False, True)


def test_the_files_of_a_meeting_go_with_it_also_those_that_never_came_whole(store: FileStore, tmp_path: Path) -> None:
    kept(store, "meeting", "one")
    store.create("meeting", "half").write(b"half")
    other = kept(store, "other", "one")
    for _ in range(2):
        store.delete_meeting("meeting")
    assert everything(tmp_path / "files") == {"other", "other/one"}
    assert other.exists()


def test_no_file_takes_the_place_of_another(store: FileStore) -> None:
    store.create("meeting", "file")
    with pytest.raises(FileExistsError):
        store.create("meeting", "file")


@pytest.mark.parametrize("wrong", ["", ".", "..", "a/b", "/etc", "a\x00", "a.part", "ä", "a" * 65, "a\n"])
def test_what_is_no_id_is_no_path(store: FileStore, tmp_path: Path, wrong: str) -> None:
    for ids in ((wrong, "file"), ("meeting", wrong)):
        with pytest.raises(ValueError, match="not an id"):
            store.create(*ids)
        with pytest.raises(ValueError, match="not an id"):
            store.delete(*ids)
    with pytest.raises(ValueError, match="not an id"):
        store.delete_meeting(wrong)
    assert everything(tmp_path) == set()
