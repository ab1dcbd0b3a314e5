"""A Ray cluster on this machine: two machines that are processes."""

import os
import signal
import subprocess
import sysconfig
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RAY = Path(sysconfig.get_path("scripts")) / "ray"
HERE = "127.0.0.1"
# All find the tests' modules; what Ray left in a home's .ray would ask for a token.
ENV = {
    "PYTHONPATH": str(ROOT),
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
}
_QUIET = ("--include-dashboard=false", "--disable-usage-stats")


class Cluster:
    """A cluster of one node with one core; others may come and be lost."""

    def __init__(self) -> None:
        head, said = _start("--head", "--port=0", "--num-cpus=1", *_QUIET, until="--address='")
        self.address, self.nodes = said.split("'")[1], [head]

    def add_node(self, cores: int) -> subprocess.Popen[str]:
        """Return a further node."""
        how = [f"--address={self.address}", f"--num-cpus={cores}"]
        self.nodes.append(_start(*how, until="Ray runtime started")[0])
        return self.nodes[-1]

    def stop(self) -> None:
        """Stop all nodes, the head last."""
        for node in reversed(self.nodes):
            end(node)


def end(node: subprocess.Popen[str]) -> None:
    """End a node as a power cut does."""
    with suppress(ProcessLookupError):
        os.killpg(node.pid, signal.SIGKILL)
    node.wait()
    if node.stdout:
        node.stdout.close()


def works(node: subprocess.Popen[str]) -> bool:
    """Return whether a node has a process that does jobs."""
    command = ["pgrep", "-s", str(node.pid), "-f", "^ray::_do_with"]
    return not subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode


def _start(*how: str, until: str) -> tuple[subprocess.Popen[str], str]:
    """Return a node, and the line that it said when it was ready."""
    command = [str(RAY), "start", "--block", f"--node-ip-address={HERE}", *how]
    command += ["--object-store-memory=100000000", "--min-worker-port=0", "--max-worker-port=0"]
    node = subprocess.Popen(
        command, env=os.environ | ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert node.stdout
    said = [""]
    while until not in said[-1]:
        said.append(node.stdout.readline())
        assert said[-1], f"Ray does not start: {''.join(said)}"
    return node, said[-1]
