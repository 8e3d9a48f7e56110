"""Opens the blob store that the settings name: a directory or an object store, encrypted where a secret is set."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from parley.store.blobs import BlobStore
from parley.store.encrypted_blobs import EncryptedBlobs, encryption_key
from parley.store.local_blobs import LocalBlobs
from parley.store.settings import Settings


def open_blobs(settings: Settings) -> BlobStore:
    """The store; nothing is asked of it yet. Its `close` is the caller's."""
    store = _plain(settings)
    secret = settings.blob_encryption_secret.get_secret_value()
    return EncryptedBlobs(store, encryption_key(secret)) if secret else store


def _plain(settings: Settings) -> BlobStore:
    if not settings.blob_url:
        return LocalBlobs(settings.data_dir / "blobs")
    parts = urlsplit(settings.blob_url)
    if parts.scheme == "file":
        return LocalBlobs(Path(unquote(parts.path)))
    from parley.store.s3_blobs import S3Address, S3Blobs  # a second of imports that nobody else needs

    return S3Blobs(
        S3Address(
            bucket=parts.netloc,
            prefix=parts.path.strip("/"),
            endpoint=settings.blob_endpoint,
            region=settings.blob_region,
            key_id=settings.blob_key_id,
            secret=settings.blob_secret.get_secret_value(),
        )
    )
