"""What the operator sees."""

from pathlib import Path

from tests.people import DORA, EMIL, GOOGLEBOT, Visitor
from tests.shortener.conftest import SECRET, Shares, Shortener
from tests.shortener.program import ask, program


async def test_the_operator_sees_rows_times_and_the_state_of_redis(shortener: Shortener, shares: Shares) -> None:
    _, linkedin, _ = await shares.make()
    for visitor in (DORA, EMIL, DORA, Visitor("198.51.100.9", GOOGLEBOT)):
        await shortener.click(linkedin, visitor)
    await shortener.ask("Unknown1", DORA)
    await shortener.ask("healthz", DORA)
    told = await shortener.metrics()
    rows = {row: told[f'grapevine_shortener_clicks_total{{row="{row}"}}'] for row in ("unique", "repeat", "bot", "own")}
    assert rows == {"unique": 2, "repeat": 1, "bot": 1, "own": 0}
    assert told['grapevine_shortener_requests_total{status="302"}'] == 4
    assert told['grapevine_shortener_requests_total{status="404"}'] == 1
    assert told['grapevine_shortener_request_seconds_bucket{le="+Inf"}'] == 5
    assert told["grapevine_shortener_request_seconds_count"] == 5
    assert 0 < told["grapevine_shortener_request_seconds_sum"] < 5
    assert told["grapevine_shortener_redis_up"] == 1
    assert told["grapevine_shortener_clicks_waiting"] == told["grapevine_shortener_clicks_lost_total"] == 0


async def test_readers_are_not_shown_it(shortener: Shortener) -> None:
    assert (await shortener.ask("metrics")).status == 404


def test_it_has_a_port_of_its_own(tmp_path: Path, redis_url: str, unused_tcp_port: int) -> None:
    settings = {"REDIS_URL": redis_url, "VISITOR_SECRET": SECRET, "SHORTENER_METRICS_PORT": str(unused_tcp_port)}
    with program(tmp_path, **settings) as (_, _, logs):
        assert f"http://127.0.0.1:{unused_tcp_port}/metrics" in logs.read_text()
        assert ask(f"http://127.0.0.1:{unused_tcp_port}/metrics", {}) == 200
        assert ask(f"http://127.0.0.1:{unused_tcp_port}/readyz", {}) == 200
