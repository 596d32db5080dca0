import dataclasses
from pathlib import Path

import pytest
from platformdirs import user_config_path, user_data_path

from kbtui import config
from kbtui.errors import ConfigError

NOWHERE: dict[str, str] = {}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a configuration file is going to be."""
    return tmp_path / "config.toml"


def test_without_a_file_everything_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))

    settings = config.load(environ=NOWHERE)

    assert settings.database.name == "kbtui.db"
    assert tmp_path in settings.database.parents
    assert tmp_path in settings.file.parents
    assert (settings.user, settings.theme, settings.mouse, settings.density) == ("admin", "", True, "comfortable")
    assert dict(settings.keys) == {}


@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "XDG_DATA_HOME"])
@pytest.mark.parametrize("value", [None, "", " ", "/srv/xdg", "relative"])
def test_files_live_where_platformdirs_says(variable: str, value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(variable, raising=False)
    if value is not None:
        monkeypatch.setenv(variable, value)

    assert config.default_file() == user_config_path("kbtui", appauthor=False) / "config.toml"
    assert config.default_database() == user_data_path("kbtui", appauthor=False) / "kbtui.db"


def test_every_key_of_the_file_is_read(file: Path) -> None:
    file.write_text(
        'database = "board.db"\nuser = "mira"\ntheme = "nord"\nmouse = false\ndensity = "compact"\n'
        '[keys]\n"task.move.right" = "L,shift+right"\n'
    )

    settings = config.load(file, environ=NOWHERE)

    assert settings == config.Settings(
        database=file.parent / "board.db",
        file=file,
        user="mira",
        theme="nord",
        keys={"task.move.right": "L,shift+right"},
        mouse=False,
        density="compact",
    )


def test_the_checks_and_the_settings_name_the_same_keys() -> None:
    fields = {field.name for field in dataclasses.fields(config.Settings)}

    assert set(config._CHECKS) == fields - {"file"}


def test_a_flag_beats_the_environment_which_beats_the_file(file: Path) -> None:
    file.write_text('database = "/from/file.db"')
    environ = {"KBTUI_CONFIG": str(file), "KBTUI_DATABASE": "/from/environment.db"}

    assert config.load(environ={"KBTUI_CONFIG": str(file)}).database == Path("/from/file.db")
    assert config.load(environ=environ).database == Path("/from/environment.db")
    assert config.load(environ=environ, database="/from/flag.db").database == Path("/from/flag.db")


def test_an_empty_variable_is_as_good_as_none(file: Path) -> None:
    file.write_text('database = "/from/file.db"')

    assert config.load(file, environ={"KBTUI_DATABASE": ""}).database == Path("/from/file.db")


def test_a_named_file_has_to_be_there(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no configuration file .*config\.toml"):
        config.load(file, environ=NOWHERE)
    with pytest.raises(ConfigError, match="There is no configuration file"):
        config.load(environ={"KBTUI_CONFIG": str(file)})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('user = "mira"\ntheme =', r"config\.toml, line 2: Invalid value\."),
        ('user = "mira', r"config\.toml, line 1(, column \d+)?: .*"),
        ('\ncolour = "red"', r'config\.toml, line 2: "colour" is not known; known are database, user, theme, keys, '),
        ("[colours]\na = 1", r'config\.toml, line 1: "colours" is not known'),
        ("# x\nmouse = 1", r"config\.toml, line 2: mouse must be true or false\."),
        ('density = "tiny"', r'config\.toml, line 1: density must be "comfortable" or "compact"\.'),
        ("user = 5", r"config\.toml, line 1: user must be a name, in quotes\."),
        ('user = ""', "user must be a name"),
        ("theme = []", "theme must be a name"),
        ('database = "a\\u0000b"', "database must be the path of a file"),
        ('\n[keys]\n"task.move.right" = 5', r"config\.toml, line 2: keys must be a table of binding ids and keys"),
        ("keys = 5", r"config\.toml, line 1: keys must be a table"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_line(file: Path, text: str, complaint: str) -> None:
    file.write_text(text)

    with pytest.raises(ConfigError, match=complaint):
        config.load(file, environ=NOWHERE)


def test_a_file_that_is_no_text_is_refused_in_words(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="is not text in UTF-8"):
        config.load(file, environ=NOWHERE)


def test_a_folder_in_place_of_the_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        config.load(tmp_path, environ=NOWHERE)
