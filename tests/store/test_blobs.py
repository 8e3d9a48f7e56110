"""Blobs: the same behaviour of every store, and what each of them promises beyond it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.store.blob_store import open_blobs
from parley.store.blobs import (
    BlobCorruptError,
    BlobError,
    BlobKeyError,
    BlobNotFoundError,
    BlobRefusedError,
    BlobStore,
    BlobUnavailableError,
)
from parley.store.encrypted_blobs import (
    CHUNK_BYTES,
    HEAD_BYTES,
    TAG_BYTES,
    EncryptedBlobs,
    encryption_key,
    plain_size,
    sealed_size,
)
from parley.store.local_blobs import LocalBlobs
from parley.store.s3_blobs import S3Address, S3Blobs
from parley.store.settings import load
from tests.support.s3 import BUCKET, S3Server, s3_server

KEY = encryption_key("a secret of the test that is long enough")
PART = 5 * 1024 * 1024  # the least that S3 takes
LARGE = random.Random(1).randbytes(PART + 1_077_777)


@pytest.fixture(scope="module", params=["moto", "swift"])
def s3(request: pytest.FixtureRequest) -> Iterator[S3Server]:
    with s3_server(request.param) as server:
        yield server


@pytest.fixture(scope="module")
def moto() -> Iterator[S3Server]:
    with s3_server("moto") as server:
        yield server


@pytest.fixture(scope="module")
def swift() -> Iterator[S3Server]:
    with s3_server("swift") as server:
        yield server


def address(server: S3Server, prefix: str = "", **changed: str) -> S3Address:
    return S3Address(
        **{
            "bucket": BUCKET,
            "prefix": prefix,
            "endpoint": server.url,
            "key_id": server.key_id,
            "secret": server.secret,
            **changed,
        }
    )


@pytest.fixture(params=["local", "moto", "swift", "encrypted"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BlobStore]:
    """An empty store of each kind."""
    store: BlobStore = LocalBlobs(tmp_path / "blobs")
    if request.param in ("moto", "swift"):
        server = request.getfixturevalue(request.param)
        store = S3Blobs(address(server, f"{request.node.name.encode().hex()}/p"), attempts=2, part_bytes=PART)
    if request.param == "encrypted":
        store = EncryptedBlobs(store, KEY)
    yield store
    await store.close()


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


def everything(directory: Path) -> list[Path]:
    return list(directory.rglob("*"))


# --- every store ------------------------------------------------------------------------------------------------------


async def test_what_is_put_is_there_with_its_size_and_its_bytes(blobs: BlobStore) -> None:
    await blobs.put_bytes("recordings/a/head.json", b"hello")
    assert await blobs.exists("recordings/a/head.json")
    assert await blobs.size("recordings/a/head.json") == 5
    assert await blobs.get_bytes("recordings/a/head.json") == b"hello"


async def test_an_empty_blob_is_one_too(blobs: BlobStore) -> None:
    await blobs.put_bytes("empty", b"")
    assert await blobs.size("empty") == 0
    assert await blobs.get_bytes("empty") == b""


async def test_a_large_file_comes_back_and_any_range_of_it(blobs: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(LARGE)
    await blobs.put_file("films/film.mp4", tmp_path / "film.mp4")
    assert await blobs.size("films/film.mp4") == len(LARGE)
    assert await blobs.get_bytes("films/film.mp4") == LARGE
    for start, end in (
        (0, 1), (0, 0), (7, 7), (CHUNK_BYTES - 1, CHUNK_BYTES + 1), (CHUNK_BYTES, 2 * CHUNK_BYTES),
        (PART - 3, PART + 3), (len(LARGE) - 1, None), (len(LARGE) - 5, len(LARGE) + 5),
        (len(LARGE), None), (len(LARGE) + 9, None),
    ):  # fmt: skip
        assert await blobs.get_bytes("films/film.mp4", start, end) == LARGE[start:end], (start, end)


async def test_a_second_put_replaces_the_first(blobs: BlobStore) -> None:
    await blobs.put_bytes("a", b"longer than the second")
    await blobs.put_bytes("a", b"second")
    assert (await blobs.get_bytes("a"), await blobs.size("a")) == (b"second", 6)


async def test_a_put_that_ends_early_or_fails_changes_nothing(blobs: BlobStore) -> None:
    await blobs.put_bytes("folder/a", b"old")
    with pytest.raises(BlobCorruptError, match="4 bytes came instead of 9"):
        await blobs.put_stream("folder/a", pieces(b"ne", b"w!"), 9)
    with pytest.raises(BlobCorruptError, match=f"{PART + 2} bytes came instead of {PART + 1}"):
        await blobs.put_stream("folder/a", pieces(LARGE[: PART + 2]), PART + 1)

    async def breaks_off() -> AsyncIterator[bytes]:
        yield LARGE[: PART + 1]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await blobs.put_stream("folder/a", breaks_off(), len(LARGE))
    assert await blobs.get_bytes("folder/a") == b"old"
    assert await blobs.list_prefix("folder") == ["folder/a"]


async def test_what_isnt_there_is_said_to_be_missing(blobs: BlobStore) -> None:
    await blobs.put_bytes("folder/a", b"x")
    for key in ("none", "folder", "folder/a/b"):
        assert not await blobs.exists(key)
        with pytest.raises(BlobNotFoundError, match=key):
            await blobs.size(key)
        with pytest.raises(BlobNotFoundError, match=key):
            await blobs.get_bytes(key)
        await blobs.delete("none")


async def test_a_folder_is_listed_and_deleted_without_those_whose_name_begins_alike(blobs: BlobStore) -> None:
    for key in ("rec/a/1", "rec/a/tracks/2", "rec/ab/3", "rec/b"):
        await blobs.put_bytes(key, key.encode())
    assert await blobs.list_prefix("rec/a") == ["rec/a/1", "rec/a/tracks/2"]
    assert await blobs.list_prefix("rec") == ["rec/a/1", "rec/a/tracks/2", "rec/ab/3", "rec/b"]
    assert await blobs.list_prefix("nothing") == []
    assert await blobs.delete_prefix("rec/a") == 2
    assert await blobs.delete_prefix("rec/a") == 0
    assert await blobs.list_prefix("rec") == ["rec/ab/3", "rec/b"]
    await blobs.delete("rec/b")
    assert await blobs.list_prefix("rec") == ["rec/ab/3"]


async def test_reading_can_stop_anywhere(blobs: BlobStore) -> None:
    data = LARGE[:700_000]
    await blobs.put_bytes("a", data)
    async with contextlib.aclosing(blobs.open_range("a", 5)) as chunks:
        first = await anext(chunks)
    assert data[5:].startswith(first)
    assert await blobs.get_bytes("a", 1, 4) == data[1:4]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        "..",
        "a/../b",
        ".hidden",
        "a/.part",
        "a\\b",
        "a b",
        "a\n",
        "é",
        "a/" * 300 + "a",
        "~",
    ],
)
async def test_what_could_lead_elsewhere_is_no_key(tmp_path: Path, key: str) -> None:
    for store in (LocalBlobs(tmp_path), EncryptedBlobs(LocalBlobs(tmp_path), KEY), S3Blobs(S3Address("b"))):
        for asked in (store.put_bytes(key, b""), store.size(key), store.delete(key), store.delete_prefix(key),
                      store.list_prefix(key), store.get_bytes(key)):  # fmt: skip
            with pytest.raises(BlobKeyError):
                await asked
        with pytest.raises(BlobKeyError):
            store.local_path(key)


# --- a directory ------------------------------------------------------------------------------------------------------


async def test_local_blobs_are_plain_files_for_nobody_else_on_the_machine(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    await blobs.put_bytes("a/b", b"x")
    path = blobs.local_path("a/b")
    assert path == tmp_path / "blobs" / "a" / "b"
    assert path.read_bytes() == b"x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_file_of_the_same_file_system_becomes_a_local_blob_without_a_copy(tmp_path: Path) -> None:
    blobs, file = LocalBlobs(tmp_path / "blobs"), tmp_path / "film.mp4"
    file.write_bytes(LARGE)
    await blobs.put_file("films/film.mp4", file)
    assert file.samefile(tmp_path / "blobs/films/film.mp4")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (tmp_path / "other").write_bytes(b"another film")
    (tmp_path / "other").replace(file)
    assert await blobs.get_bytes("films/film.mp4") == LARGE
    await blobs.put_file("films/film.mp4", file)
    assert await blobs.get_bytes("films/film.mp4") == b"another film"
    await blobs.delete("films/film.mp4")
    assert file.read_bytes() == b"another film"


async def test_no_symbolic_link_leads_out_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    blobs = LocalBlobs(tmp_path / "blobs")
    await blobs.put_bytes("a/b", b"x")
    os.symlink(tmp_path / "outside", tmp_path / "blobs" / "folder")
    os.symlink(tmp_path / "outside" / "secret", tmp_path / "blobs" / "a" / "file")
    for key in ("folder/secret", "a/file"):
        with pytest.raises(BlobKeyError, match="symbolic link"):
            await blobs.get_bytes(key)
        with pytest.raises(BlobKeyError, match="symbolic link"):
            await blobs.put_bytes(key, b"overwritten")
    with pytest.raises(BlobKeyError, match="symbolic link"):
        await blobs.delete_prefix("folder")
    assert await blobs.list_prefix("a") == ["a/b"]
    assert await blobs.delete_prefix("a") == 1
    assert (tmp_path / "outside" / "secret").read_bytes() == b"secret"


async def test_parts_of_a_writer_that_was_killed_go_with_the_blob_or_the_folder(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    await blobs.put_bytes("a/b", b"x")
    (tmp_path / "a" / ".b.1234.part").write_bytes(b"half")
    assert await blobs.list_prefix("a") == ["a/b"]
    await blobs.delete("a/b")
    assert everything(tmp_path) == []
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / ".d.1234.part").write_bytes(b"half")
    await blobs.delete_prefix("c")
    assert everything(tmp_path) == []


async def test_whoever_reads_while_a_blob_is_replaced_or_deleted_reads_the_old_one(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    await blobs.put_bytes("a", LARGE)
    async with contextlib.aclosing(blobs.open_range("a")) as chunks:
        read = await anext(chunks)
        await blobs.put_bytes("a", b"new")
        await blobs.delete("a")
        async for chunk in chunks:
            read += chunk
    assert read == LARGE


# --- encryption -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def sealed(tmp_path: Path) -> tuple[EncryptedBlobs, Path]:
    """An encrypted blob of three chunks, and its file."""
    inner = LocalBlobs(tmp_path)
    blobs = EncryptedBlobs(inner, KEY)
    await blobs.put_bytes("a", LARGE[: 2 * CHUNK_BYTES + 100])
    path = inner.local_path("a")
    assert path is not None
    return blobs, path


CHUNK = CHUNK_BYTES + TAG_BYTES


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:-1],
        lambda data: data[: HEAD_BYTES + 2 * CHUNK],
        lambda data: data[: HEAD_BYTES + CHUNK],
        lambda data: data[:HEAD_BYTES],
        lambda data: b"",
        lambda data: data + b"x" * 20,
        lambda data: data[:HEAD_BYTES] + data[HEAD_BYTES + CHUNK :][:CHUNK] + data[HEAD_BYTES:][:CHUNK] + data[-116:],
        lambda data: data[:HEAD_BYTES] + data[HEAD_BYTES + CHUNK :],
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
        lambda data: b"PBE2" + data[4:],
        lambda data: data[:10] + bytes([data[10] ^ 1]) + data[11:],
        lambda data: b"never encrypted" * 20_000,
    ],
    ids=["a byte less", "a chunk less", "two chunks less", "head only", "nothing", "more at the end", "chunks swapped",
         "first chunk gone", "a bit turned", "other magic", "other salt", "plain"],
)  # fmt: skip
async def test_what_was_changed_behind_our_back_is_not_handed_out(sealed: tuple[EncryptedBlobs, Path], harm) -> None:
    blobs, path = sealed
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(BlobCorruptError):
        await blobs.get_bytes("a")


async def test_a_blob_under_another_name_or_with_another_secret_cannot_be_read(
    sealed: tuple[EncryptedBlobs, Path], tmp_path: Path
) -> None:
    blobs, path = sealed
    path.with_name("b").write_bytes(path.read_bytes())
    with pytest.raises(BlobCorruptError):
        await blobs.get_bytes("b")
    with pytest.raises(BlobCorruptError, match="another secret"):
        await EncryptedBlobs(LocalBlobs(tmp_path), encryption_key("x" * 32)).get_bytes("a")


async def test_nothing_of_the_content_is_in_the_file_and_no_two_files_are_alike(
    sealed: tuple[EncryptedBlobs, Path],
) -> None:
    blobs, path = sealed
    await blobs.put_bytes("same", b"the same words " * 50)
    one = path.with_name("same").read_bytes()
    await blobs.put_bytes("same", b"the same words " * 50)
    two = path.with_name("same").read_bytes()
    assert one != two
    assert b"the same words" not in one + two
    assert LARGE[:32] not in path.read_bytes()
    assert blobs.local_path("same") is None


async def test_a_range_needs_only_its_own_chunks(sealed: tuple[EncryptedBlobs, Path]) -> None:
    blobs, path = sealed
    data = bytearray(path.read_bytes())
    data[HEAD_BYTES] ^= 1
    data[-1] ^= 1
    path.write_bytes(data)
    assert await blobs.get_bytes("a", CHUNK_BYTES + 3, CHUNK_BYTES + 9) == LARGE[CHUNK_BYTES + 3 : CHUNK_BYTES + 9]
    with pytest.raises(BlobCorruptError):
        await blobs.get_bytes("a", 0, 1)


@given(st.integers(0, 10**10) | st.integers(0, 20).map(lambda n: n * CHUNK_BYTES))
def test_the_size_of_a_blob_follows_from_that_of_its_encryption(size: int) -> None:
    assert plain_size(sealed_size(size)) == size


@settings(max_examples=25)
@given(
    st.integers(0, 3 * CHUNK_BYTES + 2), st.integers(0, 3 * CHUNK_BYTES + 2), st.integers(0, 3 * CHUNK_BYTES + 2)
)  # fmt: skip
def test_any_range_of_an_encrypted_blob_of_any_size_is_what_was_put(size: int, start: int, length: int) -> None:
    async def check(directory: Path) -> None:
        blobs = EncryptedBlobs(LocalBlobs(directory), KEY)
        await blobs.put_bytes("a", LARGE[:size])
        assert await blobs.get_bytes("a", start, start + length) == LARGE[:size][start : start + length]

    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(check(Path(directory)))


# --- an object store --------------------------------------------------------------------------------------------------


async def test_an_object_store_that_is_gone_is_a_retriable_error_and_works_when_it_is_back(s3: S3Server) -> None:
    blobs = S3Blobs(address(s3, "gone"), attempts=1, part_bytes=PART)
    await blobs.put_bytes("a", LARGE)
    s3.stop()
    try:
        for ask in (
            lambda: blobs.size("a"), lambda: blobs.get_bytes("a"), lambda: blobs.put_bytes("b", b"x"),
            lambda: blobs.put_bytes("b", LARGE), lambda: blobs.delete("a"), lambda: blobs.list_prefix("a"),
            lambda: blobs.delete_prefix("a"),
        ):  # fmt: skip
            with pytest.raises(BlobUnavailableError, match="out of reach") as failed:
                await ask()
            assert failed.value.retriable
    finally:
        s3.start()
    assert await blobs.get_bytes("a") == LARGE
    await blobs.put_bytes("b", b"x")
    assert await blobs.exists("b")
    await blobs.close()


async def test_a_download_that_breaks_off_goes_on_where_it_was(s3: S3Server) -> None:
    direct = S3Blobs(address(s3, "broken"))
    await direct.put_bytes("a", LARGE)
    await direct.close()
    async with cutting_relay(s3.port, after=3_000_000, times=2) as port:
        blobs = S3Blobs(address(s3, "broken", endpoint=f"http://127.0.0.1:{port}"), attempts=3)
        assert await blobs.get_bytes("a", 10) == LARGE[10:]
        await blobs.close()


async def test_what_the_object_store_does_not_allow_is_not_retried(s3: S3Server) -> None:
    blobs = S3Blobs(address(s3, bucket="no-such-bucket"), attempts=1)
    with pytest.raises(BlobRefusedError, match="no such bucket") as failed:
        await blobs.put_bytes("a", b"x")
    assert not failed.value.retriable
    await blobs.close()


async def test_uploads_that_nobody_completed_go_with_their_folder(s3: S3Server) -> None:
    blobs = S3Blobs(address(s3, "uploads"))
    client = await blobs._opened()
    for key in ("uploads/a/one", "uploads/ab/two"):
        await client.create_multipart_upload(Bucket=BUCKET, Key=key)
    await blobs.delete_prefix("a")
    left = await client.list_multipart_uploads(Bucket=BUCKET)
    assert [upload["Key"] for upload in left.get("Uploads", [])] == ["uploads/ab/two"]
    await blobs.close()


@contextlib.asynccontextmanager
async def cutting_relay(target: int, after: int, times: int) -> AsyncIterator[int]:
    """A port that leads to `target`, and breaks the first `times` connections after so many bytes of answer."""
    left = times

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        there, back = await asyncio.open_connection("127.0.0.1", target)

        async def up() -> None:
            while data := await reader.read(65_536):
                back.write(data)
                await back.drain()
            back.close()

        sending = asyncio.create_task(up())
        sent = 0
        with contextlib.suppress(OSError):
            while data := await there.read(65_536):
                writer.write(data)
                await writer.drain()
                sent += len(data)
                if left and sent > after:
                    left -= 1
                    writer.transport.abort()
                    break
        writer.close()
        back.close()
        sending.cancel()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


# --- which one is used ------------------------------------------------------------------------------------------------


async def test_the_settings_say_which_store_it_is(tmp_path: Path, s3: S3Server) -> None:
    local = open_blobs(load({"data_dir": tmp_path}, {}))
    assert local.local_path("a") == tmp_path / "blobs" / "a"
    elsewhere = open_blobs(load({"blob_url": f"file://{tmp_path}/kept"}, {}))
    assert elsewhere.local_path("a") == tmp_path / "kept" / "a"
    values = {
        "blob_url": f"s3://{BUCKET}/from/settings/", "blob_endpoint": s3.url, "blob_key_id": s3.key_id,
        "blob_secret": s3.secret,
        "blob_encryption_secret": "x" * 32,
    }  # fmt: skip
    remote = open_blobs(load(values, {}))
    await remote.put_bytes("a", b"words")
    assert await remote.get_bytes("a") == b"words"
    plain = S3Blobs(address(s3, "from/settings"))
    assert (await plain.get_bytes("a")).startswith(b"PBE1")
    await plain.close()
    await remote.close()


def test_every_blob_error_says_whether_it_is_worth_another_try() -> None:
    kinds = [BlobCorruptError, BlobKeyError, BlobNotFoundError, BlobRefusedError, BlobUnavailableError]
    assert [kind.retriable for kind in kinds] == [False, False, False, False, True]
    assert all(issubclass(kind, BlobError) for kind in kinds)
