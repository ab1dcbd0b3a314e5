"""Keys as they are made, listed and revoked, and the roles that come with names."""

from pathlib import Path

import pytest

from selfie_core.base.errors import DataError
from selfie_core.cli.main import main
from selfie_core.web.keys import read_keys
from selfie_core.web.roles import roles_of, with_implied


def test_file_of_keys_holds_no_key(tmp_path: Path, capsys) -> None:
    file = tmp_path / "keys.json"
    assert main(["key", "--keys", str(file)]) == 0
    assert "no keys in" in capsys.readouterr().err
    assert main(["key", "phone app", "--roles", "upload", "--keys", str(file)]) == 0
    key = capsys.readouterr().out.strip()
    assert len(key) > 40
    assert key not in file.read_text()
    assert main(["key", "--keys", str(file)]) == 0
    assert capsys.readouterr().out.startswith("phone app  look, upload  since 20")
    assert main(["key", "phone app", "--roles", "look", "--keys", str(file)]) == 1
    assert 'there is a key "phone app"' in capsys.readouterr().err
    assert main(["key", " ", "--roles", "look", "--keys", str(file)]) == 1
    assert "a key wants a name" in capsys.readouterr().err
    assert main(["key", "other", "--roles", "admin", "--keys", str(file)]) == 1
    assert 'has the role "admin"; wanted some of look' in capsys.readouterr().err
    assert main(["key", "phone app", "--revoke", "--keys", str(file)]) == 0
    assert read_keys(file) == []
    assert main(["key", "phone app", "--revoke", "--keys", str(file)]) == 1
    assert "found: none" in capsys.readouterr().err
    file.write_text('{"keys": [{"name": 3}]}')
    assert main(["key", "--keys", str(file)]) == 1
    assert "is no list of keys" in capsys.readouterr().err


def test_roles_of_several_groups_add_up() -> None:
    table = {"staff": ["manage"], "class": with_implied(["rate"], of="class"), "*": ["look"]}
    assert roles_of({"class", "*"}, table) == {"look", "rate"}
    assert roles_of({"strangers"}, table) == set()
    with pytest.raises(DataError, match='class has the role "admin"'):
        with_implied(["admin"], of="class")
