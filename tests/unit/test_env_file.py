"""The `.env` of an installation: what compose reads in it arrives as it was meant, or is refused in one line."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.env_file import values_of
from shared.installation import install, main
from testkit.suite import ROOT

AS_COMPOSE_READS = [
    ("A=plain", "plain"),
    ("export A=plain", "plain"),
    ("A = plain  ", "plain"),
    ("A='quoted'", "quoted"),
    ('A="quoted" # why', "quoted"),
    ("A=plain # why", "plain"),
    ("A=first#half", "first#half"),
    ("A=YWJj==", "YWJj=="),
    ("A=", ""),
    ("A=# why", ""),
    ("A=old\nA=new", "new"),
]


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "installation"


@pytest.mark.parametrize(("written", "meant"), AS_COMPOSE_READS)
def test_a_value_is_read_as_compose_reads_it(written: str, meant: str, env_file: Path) -> None:
    env_file.write_text(f"# comment\n\n{written}\n")
    assert values_of(env_file) == {"A": meant}


@pytest.mark.parametrize(("written", "meant"), AS_COMPOSE_READS)
def test_make_reads_it_as_compose_does(written: str, meant: str, env_file: Path) -> None:
    env_file.write_text(f"# comment\n\n{written}\nAA=other\n")
    said = subprocess.run([ROOT / "scripts" / "said", env_file, "A"], check=True, capture_output=True, text=True)  # noqa: S603
    assert said.stdout.removesuffix("\n") == meant


def test_make_hands_what_it_reads_to_docker_as_it_is(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AFTERSALES_VERSION", "PIP_EXTRA_INDEX_URL", "MAKEFLAGS", "MAKELEVEL"):
        monkeypatch.delenv(name, raising=False)
    env_file.write_text(
        'AFTERSALES_VERSION=0.2.0 # ours\nexport PIP_EXTRA_INDEX_URL="https://a.example https://b.example"\n'
    )
    shutil.copy(ROOT / "Makefile", env_file.parent)
    (env_file.parent / "scripts").symlink_to(ROOT / "scripts")
    command = ["make", "--dry-run", "--directory", str(env_file.parent), "installation"]
    recipe = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    words = shlex.split(recipe.partition("docker build ")[2].partition("\n")[0])
    assert {
        "VERSION=0.2.0",
        "PIP_EXTRA_INDEX_URL=https://a.example https://b.example",
        "aftersales-intake:0.2.0",
    } <= set(words)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("INTAKE_BROKER_PASSWORD=p@ss", "holds '@'"),
        ("INTAKE_BROKER_PASSWORD=p/ss", "holds '/'"),
        ("DISPATCH_DATABASE_PASSWORD='p:ss'", "holds ':'"),
        ("DISPATCH_DATABASE_PASSWORD=p%40ss", "holds '%'"),
        ("OPERATOR_BROKER_PASSWORD=p#ss", "holds '#'"),
        ("OPERATOR_BROKER_PASSWORD=two words", "holds a blank"),
        ("TOPOLOGY_BROKER_PASSWORD=", "is empty"),
        ("TOPOLOGY_BROKER_PASSWORD='half", 'holds "\'"'),
        ("POSTGRES_PASSWORD=pa$$word", "holds '$'"),
        ('GRAFANA_PASSWORD="it\'s"', "holds"),
        ("PARTS_ENCRYPTION_KEYS=k1:$KEY", "holds '$'"),
    ],
)
def test_a_value_that_would_arrive_as_another_is_refused_in_one_line_that_does_not_quote_it(
    line: str, told: str, env_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = env_file.with_name("installation")
    env_file.write_text(f"{line}\n")
    env_file.chmod(0o600)
    monkeypatch.setattr("sys.argv", ["installation", str(env_file), str(folder)])
    assert main() == 78
    said = capsys.readouterr().err
    name, _, value = line.partition("=")
    assert said.startswith(f"{name} in {env_file}: ")
    assert told in said
    assert "it may be: " in said
    assert said.count("\n") == 1
    assert not value or value not in said
    assert env_file.read_text() == f"{line}\n"
    assert not folder.exists()


@pytest.mark.parametrize("line", ["INTAKE_BROKER_PASSWORD='A-z_0.9~'", 'POSTGRES_PASSWORD="chosen by us: @/%"'])
def test_a_value_in_quotes_counts_without_them(line: str, env_file: Path, folder: Path) -> None:
    env_file.write_text(f"{line}\n")
    install(env_file, folder=folder)
    name, _, value = line.partition("=")
    assert values_of(env_file)[name] == value[1:-1]
    assert env_file.read_text().startswith(f"{line}\n")


def test_a_file_that_others_could_read_is_closed_and_its_owner_told(
    env_file: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env_file.write_text("POSTGRES_PASSWORD=chosen\n")
    env_file.chmod(0o644)
    install(env_file, folder=folder)
    assert env_file.stat().st_mode & 0o777 == 0o600
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{env_file}: others could read it" in said
    install(env_file, folder=folder)
    assert capsys.readouterr().err == ""
