"""The embedded default needs nothing; production refuses to start with missing or weak secrets and says which."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = "postgres://127.0.0.1:1/none"  # settings are read, nothing connects
STRONG, OTHER = "kx7Qm2Zr9Tn4Wb6Yd1Hf8Jc3Lp5Vs0GaEuIoRyNx", "Nx3Bv8Cz1Lk6Jh4Gf9Ds2Aq7We5Rt0YuIoPmXaSd"

TELL = """
from cabinet import settings as s
print(s.IS_EMBEDDED, len(s.SECRET_KEY) >= 40, s.SECRET_KEY != s.LINK_PEPPER)
"""


def read_settings(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", TELL],
        cwd=ROOT,
        env=kept | {"VAR_DIR": str(tmp_path)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_is_needed_and_secrets_are_kept_private(tmp_path: Path) -> None:
    assert read_settings(tmp_path).stdout == "True True True\n"
    secret = tmp_path / "secrets" / "secret_key"
    assert secret.stat().st_mode & 0o077 == 0
    before = secret.read_text()
    read_settings(tmp_path)
    assert secret.read_text() == before


def test_production_starts_with_strong_secrets(tmp_path: Path) -> None:
    answer = read_settings(tmp_path, DATABASE_URL=POSTGRES, SECRET_KEY=STRONG, LINK_PEPPER=OTHER)
    assert answer.stdout == "False True True\n", answer.stderr


@pytest.mark.parametrize(
    ("secret", "pepper", "named"),
    [
        ("", OTHER, "SECRET_KEY"),
        ("short", OTHER, "SECRET_KEY"),
        ("a" * 50, OTHER, "SECRET_KEY"),
        (STRONG, "", "LINK_PEPPER"),
        (STRONG, "12345" * 10, "LINK_PEPPER"),
        (STRONG, STRONG, "must differ"),
    ],
)
def test_production_refuses_and_says_why(tmp_path: Path, secret: str, pepper: str, named: str) -> None:
    answer = read_settings(tmp_path, DATABASE_URL=POSTGRES, SECRET_KEY=secret, LINK_PEPPER=pepper)
    assert answer.returncode != 0
    assert named in answer.stderr.splitlines()[-1]
    assert not secret or secret not in answer.stderr
