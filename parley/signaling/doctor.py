"""`parley doctor`: looks at this machine and says in plain words what is missing, and how to mend it.

Each check is a function that returns Findings and never raises; it changes nothing but for probes that it takes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes.util
import errno
import ipaddress
import os
import resource
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from parley.sfu.candidates import local_addresses
from parley.sfu.native import library as native_plane
from parley.store.database import Database
from parley.store.settings import Settings

FILES_WANTED = 4096
FREE_BYTES_WANTED = 2 * 1024**3
CODECS = ("libvpx", "libx264", "libopus")


class Verdict(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. mend: what to do about it, for warnings and failures."""

    verdict: Verdict
    subject: str
    text: str
    mend: str = ""


def _ok(subject: str, text: str) -> Finding:
    return Finding(Verdict.OK, subject, text)


async def examine(settings: Settings) -> list[Finding]:
    """Everything that matters for these settings, in the order people should mend it."""
    checks: list[Callable[[Settings], list[Finding]]] = [
        check_data_dir,
        check_http_port,
        check_media_ports,
        check_public_address,
        check_https,
        check_web_client,
        check_native_plane,
        check_ffmpeg,
        check_models,
        check_hand_models,
        check_fonts,
        check_clock,
        check_limits,
    ]
    findings: list[Finding] = []
    for check in checks:
        findings += await asyncio.to_thread(_guarded, check, settings)
    findings += await check_database(settings)
    findings += await check_redis(settings)
    return findings


def _guarded(check: Callable[[Settings], list[Finding]], settings: Settings) -> list[Finding]:
    try:
        return check(settings)
    except Exception as failure:  # a check that can't look says so; the others still look
        subject = check.__name__.removeprefix("check_").replace("_", " ")
        return [Finding(Verdict.WARNING, subject, f"could not be checked: {failure}", "Look at it by hand.")]


def check_data_dir(settings: Settings) -> list[Finding]:
    """Whether the data directory can be written to, and has room."""
    subject, directory = "data directory", settings.data_dir.absolute()
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        text = f"{directory} can't be written to"
        return [Finding(Verdict.FAILURE, subject, text, "Give this user the directory, or set data_dir to another.")]
    if not directory.exists():
        found = [_ok(subject, f"{directory} will be created")]
    else:
        with tempfile.TemporaryFile(dir=directory):
            found = [_ok(subject, f"{directory} can be written to")]
    free = shutil.disk_usage(existing).free
    if free < FREE_BYTES_WANTED:
        text = f"only {free // 1024**2} MiB are free"
        found.append(Finding(Verdict.WARNING, "disk", text, "Recordings need about 1 GiB an hour for ten people."))
    return found


def check_http_port(settings: Settings) -> list[Finding]:
    """Whether HTTP can be served on the port."""
    if settings.role == "media":
        return []
    problem = _bind(settings.host or "", settings.port, socket.SOCK_STREAM)
    where = f"TCP {settings.port}"
    return [_port_finding("HTTP port", where, problem, "--port")]


def check_media_ports(settings: Settings) -> list[Finding]:
    """Whether every media node can have its UDP and TCP port."""
    if settings.role == "gateway":
        return []
    count = settings.node_count if settings.role == "all" else 1
    findings = []
    for port in range(settings.media_port, settings.media_port + count):
        kinds = [(socket.SOCK_DGRAM, "UDP")] + ([(socket.SOCK_STREAM, "TCP")] if settings.media_tcp else [])
        for kind, name in kinds:
            problem = next(filter(None, (_bind(host, port, kind) for host in settings.media_hosts)), None)
            findings.append(_port_finding("media port", f"{name} {port}", problem, "--media-port"))
    return findings


def _port_finding(subject: str, where: str, problem: OSError | None, flag: str) -> Finding:
    if problem is None:
        return _ok(subject, f"{where} is free; let it through the firewall")
    if problem.errno == errno.EADDRINUSE:
        return Finding(Verdict.FAILURE, subject, f"{where} is in use", f"Stop what uses it, or choose with {flag}.")
    reason = problem.strerror or str(problem)
    return Finding(Verdict.FAILURE, subject, f"{where} can't be opened: {reason}", f"Choose another with {flag}.")


def _bind(host: str, port: int, kind: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((host, port))
    except OSError as error:
        if family == socket.AF_INET6 and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            return None  # a machine without IPv6 does without
        return error
    return None


def check_public_address(settings: Settings) -> list[Finding]:
    """Whether browsers elsewhere can reach the addresses that they will be told."""
    if settings.role == "gateway":
        return []
    subject = "media address"
    if settings.media_public_addresses:
        return [_ok(subject, f"browsers are told {', '.join(settings.media_public_addresses)}")]
    own = [address for address in local_addresses(ipv6=True) if not ipaddress.ip_address(address).is_loopback]
    public = [address for address in own if ipaddress.ip_address(address).is_global]
    if public:
        return [_ok(subject, f"this machine has {', '.join(public)}")]
    text = f"this machine has only private addresses ({', '.join(own) or 'none but loopback'})"
    mend = (
        "People on other networks need media_public_addresses set to the address of your NAT, and its ports forwarded."
    )
    return [Finding(Verdict.WARNING, subject, text, mend)]


def check_https(settings: Settings) -> list[Finding]:
    """Whether browsers will give pages a camera: only with HTTPS, or on localhost (W3C Secure Contexts)."""
    if settings.role == "media":
        return []
    subject = "HTTPS"
    if settings.tls_certificate is not None and settings.tls_key is not None:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                settings.tls_certificate, settings.tls_key
            )
        except (OSError, ssl.SSLError) as error:
            text = f"the certificate can't be used: {error.strerror or error}"
            return [Finding(Verdict.FAILURE, subject, text, "Check tls_certificate and tls_key.")]
        return [_ok(subject, "served with the certificate files")]
    if settings.public_url.startswith("https://"):
        if settings.trusted_proxies:
            return [_ok(subject, f"a proxy serves {settings.public_url}")]
        mend = "Set trusted_proxies to the proxy's address, or people's addresses and HTTPS itself go unseen."
        return [Finding(Verdict.WARNING, subject, "public_url is HTTPS but no proxy is trusted", mend)]
    mend = "Set tls_certificate and tls_key, or put a reverse proxy with HTTPS before it, for people on other machines."
    return [Finding(Verdict.WARNING, subject, "browsers give camera and microphone to localhost only", mend)]


def check_web_client(settings: Settings) -> list[Finding]:
    """Whether the browser client was built."""
    if settings.role == "media":
        return []
    from parley.signaling.gateway.services import BUILT_CLIENT

    root = settings.web_dist or BUILT_CLIENT
    if (root / "index.html").is_file():
        return [_ok("web client", f"built in {root}")]
    return [Finding(Verdict.FAILURE, "web client", f"not found in {root}", "Run `make web`.")]


def check_ffmpeg(settings: Settings) -> list[Finding]:
    """Whether the libraries that recordings are written with are there; PyAV's wheels bring them."""
    try:
        import av
    except ImportError as error:
        mend = "Install the locked requirements again: make setup."
        return [Finding(Verdict.FAILURE, "FFmpeg libraries", f"PyAV can't be loaded: {error}", mend)]
    missing = [name for name in CODECS if name not in av.codecs_available]
    if missing:
        text = f"without {', '.join(missing)}"
        return [Finding(Verdict.WARNING, "FFmpeg libraries", text, "Use PyAV's own wheels: they have all codecs.")]
    return [_ok("FFmpeg libraries", f"PyAV {av.__version__} with {', '.join(CODECS)}")]


def check_models(settings: Settings) -> list[Finding]:
    """Whether a speech model lies where faster-whisper looks; without one transcripts are drafts."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    found = sorted(path.name for path in (home / "hub").glob("models--*whisper*")) if home.exists() else []
    if found:
        return [_ok("speech models", ", ".join(name.removeprefix("models--") for name in found))]
    mend = "Meetings don't need one. For transcripts, download a faster-whisper model on a machine with internet."
    return [Finding(Verdict.WARNING, "speech models", f"none in {home}", mend)]


def check_hand_models(settings: Settings) -> list[Finding]:
    """Whether gestures can be looked for."""
    from parley.recap.gestures import models

    if models.available():
        return [_ok("hand models", str(models.directory()))]
    return [Finding(Verdict.WARNING, "hand models", f"none in {models.directory()}: no gestures", "Run `make hands`.")]


def check_native_plane(settings: Settings) -> list[Finding]:
    """Whether media nodes forward packets in C."""
    if settings.role == "gateway":
        return []
    subject = "native plane"
    try:
        native_plane.load()
    except native_plane.NativeUnavailableError as failure:
        mend = "It works without, in twice the processor time. To have it: install gcc and libc6-dev, run make native."
        return [Finding(Verdict.WARNING, subject, f"not used: {failure}", mend)]
    return [_ok(subject, "packets are forwarded in C")]


def check_fonts(settings: Settings) -> list[Finding]:
    """Whether there is a font for captions in pictures."""
    roots = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"]
    fonts = [path for root in roots if root.is_dir() for path in root.rglob("*.[to]tf")]
    if fonts:
        return [_ok("fonts", f"{len(fonts)} found")]
    return [Finding(Verdict.WARNING, "fonts", "none found", "Install one, such as fonts-dejavu-core.")]


def check_clock(settings: Settings) -> list[Finding]:
    """Whether the clock is plausible and kept right: sessions, tokens and TURN credentials end by it."""
    now = time.time()
    newest = max((path.stat().st_mtime for path in Path(__file__).parent.glob("*.py")), default=0.0)
    if now < newest - 86_400:
        text = f"it shows {time.strftime('%Y-%m-%d %H:%M', time.gmtime(now))} UTC, before this program was written"
        return [Finding(Verdict.FAILURE, "clock", text, "Set the clock; run an NTP service.")]
    if shutil.which("timedatectl"):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
            answer = subprocess.run(command, capture_output=True, text=True, timeout=3, check=True)  # noqa: S603
            if answer.stdout.strip() == "no":
                mend = "Run an NTP service such as systemd-timesyncd or chrony."
                return [Finding(Verdict.WARNING, "clock", "nothing keeps it in step", mend)]
    return [_ok("clock", f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime(now))} UTC")]


def check_limits(settings: Settings) -> list[Finding]:
    """Open files, the receive buffer of UDP, and the C library that packets are sent through."""
    findings = []
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_WANTED:
        mend = f"Raise it: ulimit -n {FILES_WANTED}, or LimitNOFILE in the service file."
        findings.append(Finding(Verdict.WARNING, "open files", f"at most {soft}", mend))
    else:
        findings.append(_ok("open files", f"at most {soft}"))
    buffer = Path("/proc/sys/net/core/rmem_max")
    if buffer.exists() and int(buffer.read_text()) < 1_000_000:
        mend = "sysctl -w net.core.rmem_max=4194304 net.core.wmem_max=4194304"
        text = f"at most {int(buffer.read_text()) // 1024} KiB, which bursts of video overflow"
        findings.append(Finding(Verdict.WARNING, "UDP buffers", text, mend))
    if ctypes.util.find_library("c") is None:
        text = "no C library to send packets in batches through"
        findings.append(Finding(Verdict.WARNING, "C library", text, "It works, with more processor time per packet."))
    return findings


async def check_database(settings: Settings) -> list[Finding]:
    """Whether the database answers, where it isn't a file of ours."""
    if not settings.database_url or settings.role == "media":
        return []
    try:
        database = Database(settings.database)
        try:
            async with asyncio.timeout(5):
                await database.check()
        finally:
            await database.close()
    except Exception as failure:
        text = f"does not answer: {str(failure).splitlines()[0] if str(failure) else type(failure).__name__}"
        return [Finding(Verdict.FAILURE, "database", text, "Check database_url, and that the server runs.")]
    return [_ok("database", "answers")]


async def check_redis(settings: Settings) -> list[Finding]:
    """Whether Redis answers, where it is needed."""
    if settings.role == "all":
        return []
    from parley.store.registry import RedisRegistry

    try:
        registry = RedisRegistry(settings.redis_url)
        try:
            async with asyncio.timeout(5):
                await registry.nodes()
        finally:
            await registry.close()
    except Exception as failure:
        return [Finding(Verdict.FAILURE, "Redis", f"does not answer: {failure}", "Check redis_url, and that it runs.")]
    return [_ok("Redis", "answers")]
