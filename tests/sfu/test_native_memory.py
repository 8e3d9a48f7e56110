"""The plane in C touches no memory that isn't its own, and computes nothing undefined, whatever bytes arrive."""

from __future__ import annotations

import os
import random
import struct
import subprocess
from pathlib import Path

import pytest

from parley.sfu.native.build import BuildFailedError, compile_c, compiler
from parley.sfu.native.library import C_FILES
from tests.sfu.participant import LEVEL, OPUS, ORIENTATION, TRANSPORT_CC, media

SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
CORPUS = [
    bytes.fromhex(line)
    for path in sorted(Path(__file__).with_name("corpus").glob("*.hex"))
    for line in path.read_text().splitlines()
    if not line.startswith("#")
]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plane and its driver, with sanitizers; skips where they aren't."""
    cc = compiler()
    if cc is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("native")
    probe = folder / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    try:
        compile_c(cc, [probe], folder / "probe", *SANITIZERS)
        subprocess.run([folder / "probe"], check=True, timeout=60)
    except (BuildFailedError, subprocess.CalledProcessError):
        pytest.skip("no sanitizers")
    sources = [*C_FILES, Path(__file__).with_name("native_driver.c")]
    compile_c(cc, sources, folder / "driver", *SANITIZERS, f"-I{C_FILES[0].parent}")
    return folder / "driver"


def hostile(source: random.Random) -> bytes:
    """An entry of the corpus or a packet that would be forwarded, with a few bytes of it changed."""
    extensions = {LEVEL: b"\x1e", TRANSPORT_CC: source.randbytes(2), ORIENTATION: b"\1"}
    size = source.choice([0, 1, 40, 1_100, 1_400, 1_472])
    usual = media(source.randrange(2), source.randrange(65_536), 7, bytes(size), OPUS, source.randrange(2), extensions)
    data = bytearray(source.choice([usual, usual, source.choice(CORPUS), source.randbytes(source.randrange(60))]))
    for _ in range(source.choice([0, 0, 1, 2, 8])):
        if data:
            data[source.randrange(min(len(data), 48))] = source.choice(
                [0, 0x10, 0xBE, 0xDE, 0xFF, source.randrange(256)]
            )
    if source.random() < 0.2:
        del data[source.randrange(len(data) + 1) :]
    return bytes(data[:2_048])


def run(driver: Path, packets: list[bytes], source: random.Random) -> int:
    """How many packets were taken for authentic."""
    given = b"".join(struct.pack("!HB", len(packet), source.randrange(64)) + packet for packet in packets)
    done = subprocess.run([driver], input=given, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4_000:]
    return int(done.stdout)


@pytest.mark.fuzz
def test_hostile_bytes_break_no_rule_of_c(driver: Path) -> None:
    rounds = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 1
    for _ in range(rounds):
        seed = random.SystemRandom().randrange(2**32)
        source = random.Random(seed)
        assert run(driver, [*CORPUS, *(hostile(source) for _ in range(8_000))], source) > 1_000, seed
