"""Settings: what an operator writes, and what is said when it cannot be meant."""

from pathlib import Path

import pytest

from node.settings import Settings, SettingsError, check_base_url, load
from node.settings_file import save

pytestmark = pytest.mark.unit


def test_environment_wins_over_the_file_and_flags_over_both(tmp_path: Path) -> None:
    save(Settings(data=tmp_path, name="From the file", port=8300))
    environment = {"LONJA_NAME": "From the environment", "LONJA_PORT": "8301"}
    assert load(tmp_path, environment={}).name == "From the file"
    assert load(tmp_path, environment).name == "From the environment"
    assert load(tmp_path, environment, port=8302).port == 8302


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path,
        base_url="https://practices.example.org/lonja",
        name='Ayuntamiento "Río \\ Alto"',
        sector="government",
        languages=("es", "en"),
        search="whoosh",
        allow_hosts=frozenset({"127.0.0.1:8101", "10.0.0.5:443"}),
        harvest_minutes=15,
        host="0.0.0.0",
        port=8200,
    )
    save(settings)
    assert load(tmp_path, environment={}) == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("base_ulr = 'https://a.example'", "base_url"),
        ("search = 'lucene'", "tantivy"),
        ("sector = 'church'", "civil-society"),
        ("port = 'many'", "port"),
        ("port = 70000", "65535"),
        ("languages = []", "language"),
        ("name = [", "cannot be read"),
    ],
)
def test_a_bad_setting_stops_the_start_and_says_why(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "lonja.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=said):
        load(tmp_path, environment={})


@pytest.mark.parametrize(
    "url",
    [
        "practices.example.org",
        "ftp://practices.example.org",
        "http://practices.example.org",
        "https://user:word@practices.example.org",
        "https://practices.example.org/?a=b",
        "https://practices.example.org:99999",
        "https://",
    ],
)
def test_an_address_that_peers_cannot_use_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        check_base_url(url)


@pytest.mark.parametrize(
    ("url", "trial"),
    [
        ("http://127.0.0.1:8100", True),
        ("http://localhost:8100", True),
        ("http://[::1]:8100", True),
        ("https://practices.example.org", False),
        ("https://127.example.org", False),
    ],
)
def test_a_node_on_loopback_is_a_trial(tmp_path: Path, url: str, trial: bool) -> None:
    assert Settings(data=tmp_path, base_url=check_base_url(url)).trial is trial


def test_a_trial_listens_where_its_address_says(tmp_path: Path) -> None:
    assert Settings(data=tmp_path, base_url="http://127.0.0.1:8107").listen == ("127.0.0.1", 8107)
    public = Settings(data=tmp_path, base_url="https://practices.example.org")
    assert public.listen == ("127.0.0.1", 8100)
