"""The networks' servers, started once for all tests of the bot; and a bot on a network of files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from selfie_core.bot.bot import Bot
from selfie_core.bot.state import State
from tests.support.atproto_network import Atproto, serve_atproto
from tests.support.mastodon_network import MastodonNet, serve_mastodon
from tests.support.paper_network import Clock, PaperNetwork, judge


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave alone what the SDK of the AT Protocol does when it sends a picture."""
    for item in items:
        if item.path.parent.name == "bot":
            item.add_marker(pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"))


@pytest.fixture(scope="session")
def atproto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Atproto]:
    with serve_atproto(tmp_path_factory.mktemp("atproto"), RATE_LIMITS="true") as net:
        yield net


@pytest.fixture(scope="session")
def mastodon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonNet]:
    with serve_mastodon(tmp_path_factory.mktemp("mastodon")) as net:
        yield net


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def net(tmp_path: Path) -> PaperNetwork:
    (tmp_path / "posts").mkdir()
    (tmp_path / "selfie.jpg").write_bytes(b"12345")
    return PaperNetwork(tmp_path / "posts")


@pytest.fixture
def bot(net: PaperNetwork, tmp_path: Path, clock: Clock) -> Iterator[Bot]:
    state = State(tmp_path / "state.sqlite", clock=clock)
    yield Bot(net, state, judge)
    state.close()


@pytest.fixture
def selfie(tmp_path: Path) -> dict[str, list[Path]]:
    return {"pictures": [tmp_path / "selfie.jpg"]}
