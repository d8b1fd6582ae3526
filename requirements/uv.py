"""Run uv with the settings pip has on this machine (index, certificates, proxy): uv reads none of them by itself.

Settings of uv in the environment or in a uv.toml stay in force: an index named there is not replaced.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


# A lock must hold for every machine: it names what the main index has, not what is near this one.
NOT_FOR_LOCKING = ("UV_INDEX", "UV_FIND_LINKS")


def environment(*, locking: bool) -> dict[str, str]:
    """Return this process's environment with pip's settings under uv's names."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    found: dict[str, str] = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        name = NAMES.get(key.rsplit(".", 1)[-1])
        if name and not (locking and name in NOT_FOR_LOCKING):
            words = ast.literal_eval(value).split()
            found[name] = (",".join if name == "UV_FIND_LINKS" else " ".join)(words)
    if "UV_INDEX" in found:
        # As pip does: all indexes together, the best version wins. The hashes are checked either way.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {"VIRTUAL_ENV": sys.prefix} | found | dict(os.environ) | {"UV_NO_PROGRESS": "1"}


if __name__ == "__main__":
    uv = Path(sys.executable).with_name("uv")
    locking = sys.argv[1:3] == ["pip", "compile"]
    sys.exit(subprocess.run([uv, *sys.argv[1:]], env=environment(locking=locking)).returncode)
