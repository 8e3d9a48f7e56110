"""Makes the hand models that gestures are found with: takes them out of a wheel, converts them to ONNX.

`make hands` runs it. The wheel is fetched by pip, with its hash pinned in hand_models.txt, whatever this machine and
its Python are: it is only read as the zip file that it is. Exit status 1, and words, where that can't be done; then
there are no gestures, and everything else works.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from parley.recap.gestures import models
from scripts.tflite_to_onnx import ConversionError, convert

WHEEL = Path(__file__).with_name("hand_models.txt")
MEMBERS = {
    models.PALMS: "mediapipe/modules/palm_detection/palm_detection_full.tflite",
    models.LANDMARKS: "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
}


def fetch(directory: Path) -> Path:
    """The wheel, in this directory. Raises OSError."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--require-hashes", "--only-binary=:all:", "--python-version=3.12", "--platform=manylinux_2_28_x86_64",
        "--dest", str(directory), "--requirement", str(WHEEL),
    ]  # fmt: skip
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    wheels = list(directory.glob("*.whl"))
    if done.returncode or not wheels:
        said = [line for line in done.stderr.splitlines() if "ERROR" in line]
        raise OSError(said[-1] if said else f"pip ended with status {done.returncode}")
    return wheels[0]


def make(wheel: Path, target: Path) -> None:
    """Write the converted models. Raises OSError, ConversionError, KeyError where the wheel lacks one."""
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        made = {name: convert(archive.read(member)) for name, member in MEMBERS.items()}
    for name, model in made.items():
        unfinished = target / f"{name}.new"
        unfinished.write_bytes(model)
        unfinished.rename(target / name)


def main() -> int:
    """Make them unless they are there; the exit status."""
    if models.available():
        return 0
    try:
        with tempfile.TemporaryDirectory() as directory:
            make(fetch(Path(directory)), models.directory())
    except (OSError, ConversionError, KeyError, zipfile.BadZipFile) as error:
        print(f"There will be no gestures, for their models can't be made: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
