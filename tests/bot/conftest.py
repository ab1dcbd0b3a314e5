"""The networks' servers, started once for all tests of the bot."""

from collections.abc import Iterator

import pytest

from tests.support.atproto_network import Atproto, serve_atproto
from tests.support.mastodon_network import MastodonNet, serve_mastodon


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
