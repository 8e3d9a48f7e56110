"""Blobs in an S3-compatible object store, through aiobotocore.

Small blobs go in one request, large ones in parts (a multipart upload), of which nothing can be seen before the last
one is there. botocore tries each request again with growing pauses; a download that breaks off goes on where it was, as
long as it is still the same object. What remains is said as a BlobError: retriable where the store is out of reach.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore import exceptions as boto

from parley.store.blobs import (
    READ_BYTES,
    BlobCorruptError,
    BlobError,
    BlobNotFoundError,
    BlobRefusedError,
    BlobStore,
    BlobUnavailableError,
    check_key,
    check_range,
)

MIN_PART_BYTES = 8 * 1024 * 1024
"""S3 takes parts from 5 MiB."""
MAX_PARTS = 9_000
"""S3 takes up to 10,000."""
DELETED_AT_ONCE = 1_000

_MISSING = {"NoSuchKey", "404", "NotFound"}
_BUSY = {"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling", "RequestTimeTooSkewed"}
_OUT_OF_REACH = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    boto.ResponseStreamingError,
    aiohttp.ClientError,
    TimeoutError,
    ConnectionError,
)


@dataclass(frozen=True, slots=True)
class S3Address:
    """Where the bucket is. endpoint "": Amazon's. key_id "": credentials of the machine's role. prefix: "" or a/b."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    key_id: str = ""
    secret: str = ""


class S3Blobs(BlobStore):
    """See the module.

    attempts: how often a request is tried; between two of them botocore waits up to 20 s.
    part_bytes: size of the parts of a large upload, and what is held in memory of one.
    """

    def __init__(self, address: S3Address, attempts: int = 4, part_bytes: int = MIN_PART_BYTES) -> None:
        self._address = address
        self._attempts = attempts
        self._part_bytes = part_bytes
        self._stack = contextlib.AsyncExitStack()
        self._client: Any = None
        self._opening = asyncio.Lock()

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes], size: int) -> None:
        where = self._object(key)
        part_bytes = max(self._part_bytes, -(-size // MAX_PARTS))
        with _explained(key):
            client = await self._opened()
            if size <= part_bytes:
                body = b"".join([chunk async for chunk in chunks])
                _check_size(key, len(body), size)
                await client.put_object(**where, Body=body)
                return
            upload = (await client.create_multipart_upload(**where))["UploadId"]
            try:
                parts = await self._put_parts(client, where | {"UploadId": upload}, chunks, part_bytes)
                _check_size(key, sum(bytes_ for _, bytes_ in parts), size)
                done = {"Parts": [{"PartNumber": number, "ETag": tag} for number, (tag, _) in enumerate(parts, 1)]}
                await client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=done)
            except BaseException:
                with contextlib.suppress(Exception):  # what went wrong first is what is said
                    await asyncio.shield(client.abort_multipart_upload(**where, UploadId=upload))
                raise

    async def _put_parts(
        self, client: Any, where: dict[str, str], chunks: AsyncIterator[bytes], part_bytes: int
    ) -> list[tuple[str, int]]:
        """ETag and size of each part."""
        parts: list[tuple[str, int]] = []

        async def put(body: bytes) -> None:
            answer = await client.upload_part(**where, PartNumber=len(parts) + 1, Body=body)
            parts.append((answer["ETag"], len(body)))

        held = bytearray()
        async for chunk in chunks:
            held += chunk
            while len(held) >= part_bytes:
                await put(bytes(held[:part_bytes]))
                del held[:part_bytes]
        if held:
            await put(bytes(held))
        return parts

    async def open_range(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        check_range(start, end)
        where = self._object(key)
        at, tag, failures = start, "", 0
        while end is None or at < end:
            same = {"IfMatch": tag} if tag else {}
            wanted = f"bytes={at}-{'' if end is None else end - 1}"
            try:
                with _explained(key):
                    answer = await (await self._opened()).get_object(**where, Range=wanted, **same)
                    tag = answer["ETag"]
                    async with answer["Body"] as body:
                        async for piece in body.iter_chunks(READ_BYTES):
                            at += len(piece)
                            failures = 0
                            yield piece
                    return
            except _PastTheEndError:
                return
            except BlobUnavailableError:
                failures += 1
                if not tag or failures >= self._attempts:
                    raise

    async def size(self, key: str) -> int:
        where = self._object(key)
        with _explained(key):
            return int((await (await self._opened()).head_object(**where))["ContentLength"])

    async def delete(self, key: str) -> None:
        where = self._object(key)
        with _explained(key):
            await (await self._opened()).delete_object(**where)

    async def list_prefix(self, prefix: str) -> list[str]:
        under = self._object(prefix)["Key"] + "/"
        cut = len(self._address.prefix) + 1 if self._address.prefix else 0
        keys: list[str] = []
        with _explained(prefix):
            pages = (await self._opened()).get_paginator("list_objects_v2")
            async for page in pages.paginate(Bucket=self._address.bucket, Prefix=under):
                keys += [found["Key"][cut:] for found in page.get("Contents", [])]
        return sorted(keys)

    async def delete_prefix(self, prefix: str) -> int:
        keys = await self.list_prefix(prefix)
        with _explained(prefix):
            client = await self._opened()
            for first in range(0, len(keys), DELETED_AT_ONCE):
                names = [{"Key": self._object(key)["Key"]} for key in keys[first : first + DELETED_AT_ONCE]]
                answer = await client.delete_objects(
                    Bucket=self._address.bucket, Delete={"Objects": names, "Quiet": True}
                )
                for error in answer.get("Errors", []):
                    raise BlobUnavailableError(f"{prefix}: {error.get('Message') or error.get('Code')}")
            await self._abort_uploads(client, self._object(prefix)["Key"] + "/")
        return len(keys)

    async def _abort_uploads(self, client: Any, under: str) -> None:
        """Parts that nobody completed are kept, and paid for, until somebody says so."""
        pages = client.get_paginator("list_multipart_uploads")
        async for page in pages.paginate(Bucket=self._address.bucket, Prefix=under):
            for upload in page.get("Uploads", []):
                if upload["Key"].startswith(under):  # not every store looks at the prefix
                    await client.abort_multipart_upload(
                        Bucket=self._address.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    async def close(self) -> None:
        async with self._opening:
            self._client = None
            await self._stack.aclose()

    def _object(self, key: str) -> dict[str, str]:
        prefix = f"{self._address.prefix}/" if self._address.prefix else ""
        return {"Bucket": self._address.bucket, "Key": prefix + check_key(key)}

    async def _opened(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await self._stack.enter_async_context(self._new_client())
            return self._client

    def _new_client(self) -> Any:
        address = self._address
        config = AioConfig(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": self._attempts},
            s3={"addressing_style": "path" if address.endpoint else "auto"},
            # Checksums in trailers are Amazon's; most other stores refuse what carries them.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return get_session().create_client(
            "s3",
            endpoint_url=address.endpoint or None,
            region_name=address.region,
            aws_access_key_id=address.key_id or None,
            aws_secret_access_key=address.secret or None,
            config=config,
        )


class _PastTheEndError(BlobError):
    """The range begins where the object ends, or behind."""


def _check_size(key: str, came: int, size: int) -> None:
    if came != size:
        raise BlobCorruptError(f"{key}: {came} bytes came instead of {size}")


@contextlib.contextmanager
def _explained(key: str) -> Iterator[None]:
    """Turns what the store and the network say into our words."""
    try:
        yield
    except boto.ClientError as error:
        raise _refusal(key, error) from error
    except (boto.NoCredentialsError, boto.PartialCredentialsError) as error:
        raise BlobRefusedError("the object store needs blob_key_id and blob_secret") from error
    except _OUT_OF_REACH as error:
        raise BlobUnavailableError(f"{key}: the object store is out of reach ({type(error).__name__})") from error
    except (boto.BotoCoreError, ValueError) as error:
        raise BlobError(f"{key}: {str(error).partition(chr(10))[0]}") from error


def _refusal(key: str, error: Any) -> BlobError:
    said = error.response.get("Error", {})
    code, words = str(said.get("Code", "")), str(said.get("Message", "")).partition("\n")[0]
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code == "InvalidRange" or status == 416:
        return _PastTheEndError(f"{key}: the range begins behind its end")
    if code == "NoSuchBucket":
        return BlobRefusedError("the object store has no such bucket")
    if code in _MISSING or status == 404:
        return BlobNotFoundError(f"there is no blob {key}")
    if status == 412:
        return BlobCorruptError(f"{key}: it was replaced while it was read")
    if status >= 500 or status == 429 or code in _BUSY:
        return BlobUnavailableError(f"{key}: the object store can't do it now ({code or status})")
    return BlobRefusedError(f"{key}: the object store refuses: {code or status} {words}".rstrip())
