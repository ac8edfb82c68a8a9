"""Whose limit a 429 is: the account's, the whole app's, or unsaid."""

import json
import time
from collections.abc import Callable

import pytest
import requests

from grapevine.domain.budgets import DAY, Use, span
from grapevine.domain.errors import Throttled, TryLater
from grapevine.networks import (
    bluesky,
    bluesky_answers,
    facebook_answers,
    http,
    linkedin_rest,
    mastodon_answers,
    x_answers,
)
from grapevine.networks.bluesky_xrpc import Server
from tests.people import NOON


def limited(status: int = 429, body: object = None, **headers: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer._content = json.dumps(body or {}).encode()
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


def test_xs_headers_say_whose_limit_is_used_up() -> None:
    with pytest.raises(Throttled) as caught:
        x_answers.complain(limited(x_rate_limit_remaining="0", x_rate_limit_reset="1"), lambda: True)
    assert caught.value.whole_app is False
    with pytest.raises(Throttled) as caught:
        x_answers.complain(limited(x_app_limit_24hour_remaining="0", x_app_limit_24hour_reset="1"), lambda: True)
    assert caught.value.whole_app is True


def test_x_limits_each_address_by_itself() -> None:
    with pytest.raises(Throttled) as caught:
        x_answers.complain(limited(), lambda: True)
    assert caught.value.uses == ()


def test_facebooks_code_4_is_the_apps_and_17_a_persons_whatever_the_call_was_for() -> None:
    for code, whole_app in ((4, True), (341, True), (17, False), (32, False), (80001, False)):
        with pytest.raises(Throttled) as caught:
            facebook_answers.judge({"code": code}, 60.0, effect=False)
        assert (caught.value.whole_app, caught.value.after, caught.value.uses) == (whole_app, 60.0, tuple(Use))
    with pytest.raises(Throttled) as caught:
        facebook_answers.judge({"code": 613}, 60.0, effect=False)
    assert caught.value.uses == ()


def test_blueskys_public_view_counts_our_address_and_a_members_server_the_member() -> None:
    with pytest.raises(Throttled) as caught:
        bluesky._complain(limited(), Server("https://public.api.bsky.app", "Bluesky"))
    assert (caught.value.whole_app, caught.value.uses) == (True, (Use.READING,)), "also when somebody connects"


def test_mastodons_limit_is_the_accounts_and_uploads_have_one_of_their_own() -> None:
    with pytest.raises(Throttled) as caught:
        mastodon_answers.complain(limited(), "social.example")
    assert (caught.value.whole_app, caught.value.uses) == (False, tuple(Use))
    for path, uses in (("/api/v2/media", (Use.UPLOADING,)), ("/api/v1/statuses", tuple(Use))):
        answer = limited()
        answer.url = f"https://social.example{path}"
        with pytest.raises(Throttled) as caught:
            mastodon_answers.complain(answer, "social.example")
        assert caught.value.uses == uses


def test_linkedin_may_say_whose_limit_of_a_day_it_is_and_that_ends_at_midnight_utc() -> None:
    left = span(time.time(), DAY).ends - time.time()
    for whose, whole_app in (("APPLICATION", True), ("APPLICATION_AND_MEMBER", False), ("MEMBER", False)):
        body = {"message": f"Resource level throttle {whose} DAY limit for calls to this resource is reached."}
        with pytest.raises(Throttled) as caught:
            linkedin_rest._judged(limited(body=body))
        assert (caught.value.whole_app, caught.value.uses) == (whole_app, ())
        assert caught.value.after == pytest.approx(left, abs=5)


def test_linkedin_does_not_say_whose_it_is_and_seldom_until_when() -> None:
    for answer, after in ((limited(), 900.0), (limited(Retry_After="17"), 17.0)):
        with pytest.raises(Throttled) as caught:
            linkedin_rest._judged(answer)
        assert (caught.value.whole_app, caught.value.after) == (None, after)


def test_a_call_without_lasting_effect_keeps_what_the_limit_says() -> None:
    with pytest.raises(Throttled) as caught, http.without_effect():
        http.complain(limited(Retry_After="5"), "Somewhere")
    assert (caught.value.after, caught.value.uncertain) == (5.0, False)
    assert isinstance(caught.value, TryLater)


@pytest.mark.parametrize(
    ("judge", "headers"),
    [
        (lambda answer: x_answers.complain(answer, lambda: True), {"x-rate-limit-reset": "99999999999"}),
        (lambda answer: bluesky_answers.complain(answer, "Bluesky"), {"ratelimit-reset": "99999999999"}),
        (lambda answer: mastodon_answers.complain(answer, "Yours"), {"X-RateLimit-Reset": "2126-01-01T00:00:00Z"}),
        (linkedin_rest._judged, {"Retry-After": "999999999"}),
        (lambda answer: http.complain(answer, "Net"), {"Retry-After": "Thu, 01 Jan 2126 00:00:00 GMT"}),
    ],
)
def test_no_network_is_left_alone_for_longer_than_a_day(
    judge: Callable[[requests.Response], object], headers: dict[str, str]
) -> None:
    answer = limited()
    answer.headers.update(headers)
    with pytest.raises(Throttled) as caught:
        judge(answer)
    assert caught.value.after == DAY


def test_a_reset_in_milliseconds_is_read_as_such() -> None:
    then = str(int((NOON + 60) * 1000))
    assert x_answers.wait({"x-rate-limit-reset": then}, NOON) == pytest.approx(60)
    assert bluesky_answers.wait({"ratelimit-reset": then}, NOON) == pytest.approx(60)
    assert mastodon_answers.wait({"X-RateLimit-Reset": then}, NOON) == pytest.approx(60)


def test_a_reset_that_is_no_number_is_none() -> None:
    for said in ("²", "-5", "1e9", "٣"):
        assert http.until(said, NOON) is None
