"""`parley doctor` names what is missing on this machine, says how to mend it, and takes back every probe."""

from __future__ import annotations

import datetime
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from parley.signaling import cli, doctor
from parley.signaling.doctor import Finding, Verdict, examine
from parley.store.settings import Settings, load
from tests.support.redis import redis_server
from tests.support.server import free_port


def settings_for(directory: Path, env: dict[str, str] | None = None, **values: Any) -> Settings:
    flags = {
        "host": "127.0.0.1",
        "port": free_port(),
        "data_dir": directory / "data",
        "media_hosts": "127.0.0.1",
        "media_port": free_port(2),
        "media_nodes": 2,
    }
    return load(flags | values, environ=env or {})


def found(findings: list[Finding], subject: str) -> list[Finding]:
    return [finding for finding in findings if finding.subject == subject]


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


async def test_every_warning_and_failure_says_how_to_mend_it(tmp_path: Path) -> None:
    for finding in await examine(settings_for(tmp_path)):
        assert finding.text
        assert (finding.verdict is Verdict.OK) is (finding.mend == ""), finding


async def test_it_looks_at_everything_and_leaves_nothing_behind(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    subjects = {finding.subject for finding in await examine(settings)}
    assert subjects >= {
        "data directory", "HTTP port", "media port", "media address", "HTTPS", "web client", "FFmpeg libraries",
        "speech models", "fonts", "clock", "open files",
    }  # fmt: skip
    assert os.listdir(tmp_path) == []
    again = await examine(settings)
    assert all(finding.verdict is Verdict.OK for finding in found(again, "media port") + found(again, "HTTP port"))


# --- the data directory ----------------------------------------------------------------------------------------------


def test_a_data_directory_that_is_not_there_yet_will_be_created(tmp_path: Path) -> None:
    finding = doctor.check_data_dir(settings_for(tmp_path))[0]
    assert (finding.verdict, finding.text) == (Verdict.OK, f"{tmp_path / 'data'} will be created")


def test_a_data_directory_that_can_be_written_to_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert doctor.check_data_dir(settings_for(tmp_path))[0].verdict is Verdict.OK
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("below", ["", "deeper/data"])
def test_a_data_directory_that_is_a_file_is_a_failure(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch(mode=0o777)
    finding = only(doctor.check_data_dir(settings_for(tmp_path, data_dir=tmp_path / "file" / below)))
    assert finding.verdict is Verdict.FAILURE
    assert "data_dir" in finding.mend


def test_a_data_directory_of_somebody_else_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root, as which the suite may run, may write anywhere
    assert only(doctor.check_data_dir(settings_for(tmp_path))).verdict is Verdict.FAILURE
    (tmp_path / "data").mkdir()
    assert only(doctor.check_data_dir(settings_for(tmp_path))).verdict is Verdict.FAILURE


# --- ports -----------------------------------------------------------------------------------------------------------


def test_a_taken_http_port_is_a_failure_that_names_the_port_and_the_flag(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finding = only(doctor.check_http_port(settings_for(tmp_path, port=port)))
    assert (finding.verdict, finding.text) == (Verdict.FAILURE, f"TCP {port} is in use")
    assert "--port" in finding.mend


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_taken_media_port_of_any_node_is_a_failure(tmp_path: Path, kind: socket.SocketKind) -> None:
    settings = settings_for(tmp_path)
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", settings.media_port + 1))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        failures = [one for one in doctor.check_media_ports(settings) if one.verdict is Verdict.FAILURE]
    name = "UDP" if kind is socket.SOCK_DGRAM else "TCP"
    assert only(failures).text == f"{name} {settings.media_port + 1} is in use"


def test_the_ports_to_let_through_the_firewall_are_those_of_every_node(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    texts = [finding.text for finding in doctor.check_media_ports(settings)]
    assert [text.split(" is")[0] for text in texts] == [
        f"{kind} {settings.media_port + index}" for index in range(2) for kind in ("UDP", "TCP")
    ]
    without_tcp = settings_for(tmp_path, media_tcp="false")
    assert all(finding.text.startswith("UDP") for finding in doctor.check_media_ports(without_tcp))


def test_an_address_that_this_machine_lacks_is_a_failure(tmp_path: Path) -> None:
    assert only(doctor.check_http_port(settings_for(tmp_path, host="192.0.2.77"))).verdict is Verdict.FAILURE
    findings = doctor.check_media_ports(settings_for(tmp_path, media_hosts="192.0.2.77"))
    assert {finding.verdict for finding in findings} == {Verdict.FAILURE}


# --- addresses and HTTPS ---------------------------------------------------------------------------------------------


def test_configured_media_addresses_are_taken_as_they_are(tmp_path: Path) -> None:
    finding = only(doctor.check_public_address(settings_for(tmp_path, media_public_addresses="203.0.113.9")))
    assert (finding.verdict, finding.text) == (Verdict.OK, "browsers are told 203.0.113.9")


@pytest.mark.parametrize(
    ("own", "verdict"),
    [
        (["127.0.0.1", "10.0.0.4"], Verdict.WARNING),
        (["127.0.0.1", "::1"], Verdict.WARNING),
        (["10.0.0.4", "9.9.9.9"], Verdict.OK),
        (["10.0.0.4", "2620:fe::fe"], Verdict.OK),
    ],
)
def test_only_private_addresses_are_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: list[str], verdict: Verdict
) -> None:
    monkeypatch.setattr(doctor, "local_addresses", lambda ipv6: own)
    assert only(doctor.check_public_address(settings_for(tmp_path))).verdict is verdict


def test_without_https_browsers_give_a_camera_to_localhost_only(tmp_path: Path) -> None:
    finding = only(doctor.check_https(settings_for(tmp_path)))
    assert finding.verdict is Verdict.WARNING
    assert "localhost" in finding.text


def test_https_by_a_proxy_needs_the_proxy_to_be_trusted(tmp_path: Path) -> None:
    url = "https://meet.example.org"
    finding = only(doctor.check_https(settings_for(tmp_path, public_url=url)))
    assert finding.verdict is Verdict.WARNING
    assert "trusted_proxies" in finding.mend
    trusted = settings_for(tmp_path, public_url=url, trusted_proxies="127.0.0.1/32")
    assert only(doctor.check_https(trusted)).verdict is Verdict.OK


def certificate_files(directory: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    ).sign(key, hashes.SHA256())
    paths = directory / "cert.pem", directory / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_certificate_files_are_tried(tmp_path: Path) -> None:
    certificate, key = certificate_files(tmp_path)
    good = settings_for(tmp_path, tls_certificate=certificate, tls_key=key)
    assert only(doctor.check_https(good)).verdict is Verdict.OK
    for wrong in ({"tls_certificate": key, "tls_key": key}, {"tls_certificate": certificate, "tls_key": certificate}):
        finding = only(doctor.check_https(settings_for(tmp_path, **wrong)))
        assert finding.verdict is Verdict.FAILURE
        assert "tls_certificate" in finding.mend


# --- what comes with the program -------------------------------------------------------------------------------------


def test_a_client_that_was_not_built_is_a_failure_with_the_command_that_builds_it(tmp_path: Path) -> None:
    missing = settings_for(tmp_path, web_dist=tmp_path)
    finding = only(doctor.check_web_client(missing))
    assert (finding.verdict, finding.mend) == (Verdict.FAILURE, "Run `make web`.")
    (tmp_path / "index.html").write_text("")
    assert only(doctor.check_web_client(missing)).verdict is Verdict.OK


def test_a_speech_model_is_found_where_faster_whisper_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert only(doctor.check_models(settings_for(tmp_path))).verdict is Verdict.WARNING
    (tmp_path / "hub" / "models--Systran--faster-whisper-small").mkdir(parents=True)
    finding = only(doctor.check_models(settings_for(tmp_path)))
    assert (finding.verdict, finding.text) == (Verdict.OK, "Systran--faster-whisper-small")


def test_a_clock_before_the_program_was_written_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(doctor.check_clock(settings_for(tmp_path))).verdict is not Verdict.FAILURE
    monkeypatch.setattr(time, "time", lambda: 86_400.0)
    assert only(doctor.check_clock(settings_for(tmp_path))).verdict is Verdict.FAILURE


async def test_a_check_that_breaks_is_a_warning_and_the_others_still_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(ipv6: bool) -> list[str]:
        raise OSError("no interfaces")

    monkeypatch.setattr(doctor, "local_addresses", broken)
    findings = await examine(settings_for(tmp_path))
    assert only(found(findings, "public address")).text == "could not be checked: no interfaces"
    assert found(findings, "clock")


# --- services --------------------------------------------------------------------------------------------------------


async def test_a_database_that_does_not_answer_is_a_failure_and_its_password_is_not_shown(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://parley:swordfish@127.0.0.1:{free_port()}/parley"
    finding = only(await doctor.check_database(settings_for(tmp_path, database_url=url)))
    assert finding.verdict is Verdict.FAILURE
    assert "swordfish" not in finding.text


async def test_a_database_that_answers_is_fine(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/other.db"
    assert only(await doctor.check_database(settings_for(tmp_path, database_url=url))).verdict is Verdict.OK


async def test_redis_is_asked_only_where_it_is_needed(tmp_path: Path) -> None:
    assert await doctor.check_redis(settings_for(tmp_path)) == []
    env = {"PARLEY_RPC_SECRET": "s"}
    gone = f"redis://:swordfish@127.0.0.1:{free_port()}"
    finding = only(await doctor.check_redis(settings_for(tmp_path, env, role="gateway", redis_url=gone)))
    assert finding.verdict is Verdict.FAILURE
    assert "swordfish" not in finding.text
    async with redis_server(tmp_path) as url:
        there = settings_for(tmp_path, env, role="gateway", redis_url=url)
        assert only(await doctor.check_redis(there)).verdict is Verdict.OK


async def test_each_role_is_asked_only_for_what_it_needs(tmp_path: Path) -> None:
    env = {"PARLEY_RPC_SECRET": "s"}
    redis = f"redis://127.0.0.1:{free_port()}"
    gateway = settings_for(tmp_path, env, role="gateway", redis_url=redis)
    media = settings_for(tmp_path, env, role="media", redis_url=redis, rpc_listen="127.0.0.1:7000")
    asked_of_gateway = {finding.subject for finding in await examine(gateway)}
    asked_of_media = {finding.subject for finding in await examine(media)}
    assert not asked_of_gateway & {"media port", "media address"}
    assert not asked_of_media & {"HTTP port", "HTTPS", "web client", "database"}
    assert "Redis" in asked_of_gateway & asked_of_media


# --- the command -----------------------------------------------------------------------------------------------------


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "argv", ["parley", "doctor", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code or 0


def test_the_command_ends_with_1_only_when_something_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index.html").write_text("")
    port, media_port = free_port(), free_port()
    arguments = [
        f"--port={port}", f"--media-port={media_port}", "--media-nodes=1", f"--web-dist={tmp_path}",
        "--host=127.0.0.1", "--media-hosts=127.0.0.1",
    ]  # fmt: skip
    assert run(arguments, monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"ok       HTTP port: TCP {port} is free; let it through the firewall" in lines
    assert any(line.startswith("warning  HTTPS: ") for line in lines)
    assert all(line.split()[0] in ("ok", "warning", "→") for line in lines)
    with socket.create_server(("127.0.0.1", port)):
        assert run(arguments, monkeypatch) == 1
    assert f"failure  HTTP port: TCP {port} is in use" in capsys.readouterr().out.splitlines()


def test_it_says_whether_packets_are_forwarded_in_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_NATIVE_PLANE", "0")
    finding = only(doctor.check_native_plane(settings_for(tmp_path)))
    assert finding.verdict is Verdict.WARNING
    assert "PARLEY_NATIVE_PLANE=0" in finding.text
    monkeypatch.delenv("PARLEY_NATIVE_PLANE")
    assert doctor.check_native_plane(settings_for(tmp_path))[0].subject == "native plane"
