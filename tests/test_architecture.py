"""The house, as far as import-linter cannot say it (design §3 and §4)."""

import ast
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from grapevine.store.queue import JOBS

ROOT = Path(__file__).parent.parent
FOLDERS = ("bot", "shortener", "workers", "grapevine", "benchmarks", "tests")
SCRIPTS = sorted((ROOT / "grapevine/store/scripts").glob("*.lua"))

#: Commands that came after Redis 6.2, and Valkey's own.
#: https://redis.io/docs/latest/commands/ ("since")
NEWER = set(
    "evalsha_ro eval_ro expiretime pexpiretime hexpire hpexpire hexpireat hpexpireat hexpiretime hpexpiretime hgetdel"
    " hgetex hpersist hpttl hsetex httl lcs lmpop blmpop zmpop bzmpop sintercard sort_ro spublish ssubscribe"
    " sunsubscribe fcall fcall_ro function addslotsrange vadd delex digest msetex".split()
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> set[str]:
    """The top-level modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports relatively"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", sorted((ROOT / "grapevine/domain").glob("*.py")), ids=named)
def test_domain_imports_the_standard_library_only(path: Path) -> None:
    foreign = {
        name
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith("grapevine.domain.")
    }
    assert foreign == set()


def test_domain_has_no_clock_and_no_chance() -> None:
    """Functions are given the time."""
    for path in (ROOT / "grapevine/domain").glob("*.py"):
        assert not imported(path) & {"time", "random", "secrets", "asyncio", "os", "pathlib"}, named(path)
        assert not re.search(r"\.now\(|\.today\(|utcnow", path.read_text()), named(path)


@pytest.mark.parametrize("job", JOBS)
def test_every_job_resolves_to_a_function_of_the_workers(job: str) -> None:
    module, _, function = job.rpartition(".")
    assert module.split(".")[0] == "workers"
    assert callable(getattr(import_module(module), function))


def test_every_job_has_a_name_of_its_own() -> None:
    assert len(set(JOBS)) == len(JOBS)


def test_no_file_is_longer_than_300_lines() -> None:
    kinds = (".py", ".lua", ".js", ".css", ".html")
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
    assert {named(path) for path in paths if len(path.read_text().splitlines()) > 300} == set()


def code(script: Path) -> str:
    """A script without its comments."""
    return re.sub(r"--[^\n]*", "", script.read_text())


def calls(script: Path) -> list[tuple[str, str]]:
    """Each command of a script, and what stands where its key is."""
    found = re.findall(r"""\bcall\(\s*['"]([A-Z]+)['"]\s*,\s*((?:[^(),]|\([^()]*\))+)""", code(script))
    assert len(found) == len(re.findall(r"\bp?call\(", code(script))), "a call that this test cannot read"
    return found


def keys_only(expression: str, text: str) -> bool:
    """Whether an expression is a key that was passed: KEYS[…], or a name that is only ever made of such."""
    expression = expression.strip()
    if re.fullmatch(r"KEYS\[[^\]]+\]", expression):
        return True
    if not re.fullmatch(r"\w+", expression):
        return False
    values = []
    for names, said in re.findall(r"([\w, ]+?)\s*=(?!=)\s*([^\n]+)", text):
        places = [name.strip() for name in names.strip().removeprefix("local ").split(",")]
        if expression in places:
            parts = re.split(r",(?![^()\[\]]*[)\]])", said)
            values.append(parts[places.index(expression)].strip())
    return bool(values) and all(
        re.fullmatch(r"KEYS\[[^\]]+\]( end)?|nil", value) or _returns_keys(value, text) for value in values
    )


def _returns_keys(value: str, text: str) -> bool:
    """Whether it is a call of a local function that returns keys or nil only."""
    name = re.match(r"(\w+)\(", value)
    body = re.search(rf"local function {name[1]}\(.*?\n(.*?)\nend", text, re.DOTALL) if name else None
    if body is None:
        return False
    returned = re.findall(r"return ([^\n]+?)(?: end)?$", body[1], re.MULTILINE)
    return bool(returned) and all(one == "nil" or keys_only(one, text) for one in returned)


@pytest.mark.parametrize("script", SCRIPTS, ids=named)
def test_every_key_that_a_script_touches_is_passed_in_keys(script: Path) -> None:
    """So that it runs on a cluster (design §4)."""
    assert calls(script)
    for command, key in calls(script):
        assert keys_only(key, code(script)), f"{command} {key}"


@pytest.mark.parametrize("script", SCRIPTS, ids=named)
def test_every_script_says_what_it_takes_and_does(script: Path) -> None:
    first = script.read_text().splitlines()[0]
    assert re.match(r"-- [A-Z].+", first)
    assert "-- KEYS" in script.read_text()


def test_nothing_uses_a_command_that_redis_6_2_does_not_know() -> None:
    for script in SCRIPTS:
        assert not {command.lower() for command, _ in calls(script)} & NEWER, named(script)
    for path in (ROOT / "grapevine/store").glob("*.py"):
        words = {word.lower() for word in re.findall(r"\.(\w+)\(|\"([A-Z_]+)\"", path.read_text()) for word in word}
        assert not words & NEWER, named(path)


def test_every_key_has_its_name_in_one_place() -> None:
    """No room of the store spells a key: all are made in keys.py."""
    for path in (ROOT / "grapevine/store").glob("*.py"):
        if path.name != "keys.py":
            spelled = re.findall(r"""f["']\{\{\{|["'](?:due|l|o|q|w|i|t|y|z):(?!\*)""", path.read_text())
            assert spelled == [], named(path)
