"""Settings: defaults, environment, command line, and what they refuse."""

import os

import pytest

from dynemu.config import OPTIONS, ConfigError, Settings, load_settings


def test_defaults():
    assert load_settings({}, {}) == Settings(
        host="127.0.0.1",
        port=8000,
        db_path=None,
        durability="none",
        log_level="warning",
        table_delay=0.0,
        account_id="123456789012",
        region="us-east-1",
        stream_shards=1,
        history_bytes=268_435_456,
    )


def test_every_setting_comes_from_the_environment():
    environment = {
        "DYNEMU_HOST": "0.0.0.0",
        "DYNEMU_PORT": "9000",
        "DYNEMU_DB_PATH": "data",
        "DYNEMU_DURABILITY": "FSYNC",
        "DYNEMU_LOG_LEVEL": "Info",
        "DYNEMU_TABLE_DELAY": "0.5",
        "DYNEMU_ACCOUNT_ID": "123456789012",
        "DYNEMU_REGION": "eu-west-1",
        "DYNEMU_STREAM_SHARDS": "4",
        "DYNEMU_HISTORY_BYTES": "1000",
        "DYNEMU_S3_DIR": "buckets",
        "DYNEMU_CONSISTENCY": "Lagged",
        "DYNEMU_SEED": "7",
        "DYNEMU_WORKERS": "4",
        "DYNEMU_FAULTS": '[{"kind": "drop"}]',
        "DYNEMU_SOMETHING_ELSE": "x",
    }
    assert load_settings({}, environment) == Settings(
        "0.0.0.0",
        9000,
        "data",
        "fsync",
        "info",
        0.5,
        "123456789012",
        "eu-west-1",
        4,
        1000,
        "buckets",
        consistency="lagged",
        seed=7,
        faults=({"kind": "drop"},),
        workers=4,
    )


def test_the_command_line_wins():
    settings = load_settings({"port": "1", "region": "us-west-2"}, {"DYNEMU_PORT": "2", "DYNEMU_HOST": "::1"})
    assert (settings.host, settings.port, settings.region) == ("::1", 1, "us-west-2")


def test_an_empty_variable_is_not_set():
    assert load_settings({}, {"DYNEMU_DB_PATH": "", "DYNEMU_PORT": ""}) == Settings()


def test_durability_depends_on_the_place():
    assert load_settings({}, {}).durability == "none"
    assert load_settings({"db_path": "data"}, {}).durability == "wal"
    assert load_settings({"db_path": "data", "durability": "none"}, {}).durability == "none"
    assert Settings(db_path="data").durability == "wal"
    assert Settings().durability == "none"


@pytest.mark.parametrize("durability", ["wal", "fsync"])
def test_memory_has_no_durability(durability):
    with pytest.raises(ConfigError, match=f"Durability {durability} needs a database directory"):
        load_settings({"durability": durability}, {})
    with pytest.raises(ConfigError):
        load_settings({"durability": durability, "in_memory": "1"}, {"DYNEMU_DB_PATH": "data"})


def test_a_place_on_the_command_line_replaces_the_one_of_the_environment():
    on_disk = {"DYNEMU_DB_PATH": "data", "DYNEMU_DURABILITY": "fsync"}
    assert load_settings({"in_memory": "1"}, on_disk) == Settings()
    assert load_settings({"db_path": "data"}, {"DYNEMU_IN_MEMORY": "1"}).db_path == "data"
    assert load_settings({"db_path": "other"}, on_disk).db_path == "other"


@pytest.mark.parametrize(
    ("text", "in_memory"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("off", False)]
)
def test_a_flag_in_the_environment(text, in_memory):
    assert load_settings({}, {"DYNEMU_IN_MEMORY": text}).in_memory
    environment = {"DYNEMU_IN_MEMORY": text, "DYNEMU_DB_PATH": "data"}
    if in_memory:
        with pytest.raises(ConfigError, match=r"^DYNEMU_DB_PATH and DYNEMU_IN_MEMORY exclude each other\.$"):
            load_settings({}, environment)
    else:
        assert load_settings({}, environment).db_path == "data"


def test_a_home_directory_is_expanded():
    assert load_settings({"db_path": "~/data"}, {}).db_path == os.path.expanduser("~/data")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("host", " "),
        ("port", "-1"),
        ("port", "65536"),
        ("port", "8000.5"),
        ("port", "\u0663"),
        ("db_path", " "),
        ("in_memory", "maybe"),
        ("durability", "disk"),
        ("log_level", "loud"),
        ("table_delay", "-1"),
        ("table_delay", "nan"),
        ("table_delay", "inf"),
        ("table_delay", "soon"),
        ("history_bytes", "-1"),
        ("history_bytes", "1 GB"),
        ("account_id", "12345678901"),
        ("account_id", "1234567890123"),
        ("account_id", "\u0660" * 12),
        ("region", "US East"),
        ("region", ""),
        ("stream_shards", "0"),
        ("stream_shards", "1001"),
        ("stream_shards", "two"),
        ("consistency", "eventual"),
        ("seed", "-1"),
        ("seed", "many"),
        ("faults", "throttle"),
    ],
)
def test_a_bad_value_names_where_it_was_given(name, text):
    option = next(option for option in OPTIONS if option.name == name)
    with pytest.raises(ConfigError) as caught:
        load_settings({name: text}, {})
    assert str(caught.value).startswith(f"{option.flag} wants ")
    assert str(caught.value).endswith(f", not {text!r}.")
    if text:
        with pytest.raises(ConfigError, match=f"^{option.variable} wants "):
            load_settings({}, {option.variable: text})


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        Settings().port = 1
