"""The stand-in for X is as strict as X."""

import asyncio
import time
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1Session

from grapevine.playground.x import XStandIn
from grapevine.playground.x_state import links_in
from tests.networks.x_stand_in import ADA, BEA, CY, Stage


async def ask(session: requests.Session, method: str, url: str, **more: Any) -> tuple[int, Any]:
    def send() -> tuple[int, Any]:
        answer = session.request(method, url, timeout=5, **more)
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, answer.text

    return await asyncio.to_thread(send)


def signer(x: Stage, **more: Any) -> OAuth1Session:
    """Signs with Bea's token, which she has given away before."""
    token = x.state.issue(BEA)
    keys = {
        "client_secret": x.state.api_secret,
        "resource_owner_key": token.token,
        "resource_owner_secret": token.secret,
    }
    return OAuth1Session(x.state.api_key, **{**keys, **more})


def code(body: Any) -> int:
    return int(body["errors"][0]["code"])


async def test_signed_requests_pass_with_query_json_form_and_multipart(x: Stage) -> None:
    with signer(x) as session:
        query = {"user.fields": "public_metrics", "expansions": "a b+c~é%2F"}
        status, body = await ask(session, "GET", f"{x.url}/2/users/me", params=query)
        assert (status, body["data"]["public_metrics"]["followers_count"]) == (200, 312)
        status, body = await ask(session, "POST", f"{x.url}/2/tweets", json={"text": "Hi ~ é & 100%"})
        assert status == 201
        files = {"media": ("a.png", b"\x89PNG", "image/png")}
        status, _ = await ask(
            session, "POST", f"{x.url}/2/media/upload", data={"media_category": "tweet_image"}, files=files
        )
        assert status == 200
        status, body = await ask(
            session, "POST", f"{x.url}/1.1/oauth/invalidate_token.json", data={"a": "b c", "a2": "=&"}
        )
        assert status == 200


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"client_secret": "other"}, 32),
        ({"resource_owner_secret": "other"}, 32),
        ({"resource_owner_key": "other"}, 89),
        ({"timestamp": "-400"}, 135),
        ({"timestamp": "+400"}, 135),
        ({"signature_method": "PLAINTEXT"}, 32),
    ],
)
async def test_a_wrong_signature_token_or_time_is_refused(x: Stage, wrong: dict[str, str], number: int) -> None:
    if "timestamp" in wrong:  # counted from now, not from when the tests were collected
        wrong = {"timestamp": str(int(time.time()) + int(wrong["timestamp"]))}
    with signer(x, **wrong) as session:
        status, body = await ask(session, "GET", f"{x.url}/2/users/me")
    assert (status, code(body)) == (401, number)


async def test_a_nonce_works_once(x: Stage) -> None:
    with signer(x, nonce="again", timestamp=str(int(time.time()))) as session:
        assert (await ask(session, "GET", f"{x.url}/2/users/me"))[0] == 200
        status, body = await ask(session, "GET", f"{x.url}/2/users/me")
    assert (status, code(body)) == (401, 32)


async def test_an_unsigned_request_is_refused(x: Stage) -> None:
    with requests.Session() as session:
        for method, path in (("GET", "/2/users/me"), ("POST", "/2/tweets"), ("GET", "/2/tweets?ids=1")):
            assert (await ask(session, method, x.url + path))[0] == 401
        assert (await ask(session, "POST", f"{x.url}/oauth/request_token"))[0] == 400


async def test_a_callback_must_be_listed(x: Stage) -> None:
    with OAuth1Session(x.state.api_key, x.state.api_secret, callback_uri="https://evil.example/") as session:
        status, body = await ask(session, "POST", f"{x.url}/oauth/request_token")
    assert (status, code(body)) == (403, 415)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "x" * 280}, 201),
        ({"text": "x" * 281}, 403),
        ({"text": "日" * 141}, 403),
        ({"text": "https://example.com/" + "a" * 400}, 201),
        ({"text": ""}, 400),
        ({"txt": "a"}, 400),
        ({"text": "a", "media": {"media_ids": ["1"]}}, 400),
        ([], 400),
    ],
)
async def test_a_post_is_measured_and_checked(x: Stage, body: Any, status: int) -> None:
    with signer(x) as session:
        assert (await ask(session, "POST", f"{x.url}/2/tweets", json=body))[0] == status


async def test_the_same_text_is_refused_to_the_same_member_only(x: Stage) -> None:
    url = f"{x.url}/2/tweets"
    other = x.state.issue(CY)
    with signer(x) as session, signer(x, resource_owner_key=other.token, resource_owner_secret=other.secret) as second:
        _, body = await ask(session, "POST", url, json={"text": "same"})
        status, problem = await ask(session, "POST", url, json={"text": "same"})
        assert (status, problem["detail"]) == (403, "You are not allowed to create a Tweet with duplicate content.")
        assert (await ask(second, "POST", url, json={"text": "same"}))[0] == 201
        assert (await ask(second, "DELETE", f"{url}/{body['data']['id']}"))[0] == 403
        assert (await ask(session, "DELETE", f"{url}/{body['data']['id']}"))[1] == {"data": {"deleted": True}}
        assert (await ask(session, "POST", url, json={"text": "same"}))[0] == 201


async def test_lookups_answer_in_part(x: Stage) -> None:
    post = x.state.add(BEA, "Read http://127.0.0.1:8000/abc, now & then", f"{x.url}/i/status/{{id}}")
    with signer(x) as session:
        status, body = await ask(
            session, "GET", f"{x.url}/2/tweets", params={"ids": f"{post.id},7", "tweet.fields": "entities"}
        )
        assert status == 200
        (shown,) = body["data"]
        (url,) = shown["entities"]["urls"]
        assert url["expanded_url"] == "http://127.0.0.1:8000/abc"
        assert shown["text"] == f"Read {url['url']}, now &amp; then"
        assert body["errors"][0]["type"].endswith("/resource-not-found")
        assert body["errors"][0]["resource_id"] == "7"
        _, body = await ask(session, "GET", f"{x.url}/2/tweets", params={"ids": "7"})
        assert "data" not in body
        for ids in (",".join(map(str, range(101))), "", "abc"):
            assert (await ask(session, "GET", f"{x.url}/2/tweets", params={"ids": ids}))[0] == 400


async def test_a_timeline_begins_where_it_is_asked_to(x: Stage) -> None:
    for number in range(7):
        x.state.add(BEA, f"post {number}", "")
    x.state.add(ADA, "not hers", "")
    url = f"{x.url}/2/users/{BEA.id}/tweets"
    with signer(x) as session:
        _, body = await ask(session, "GET", url, params={"max_results": "5", "tweet.fields": "created_at"})
        assert [post["text"] for post in body["data"]] == [f"post {n}" for n in (6, 5, 4, 3, 2)]
        assert (await ask(session, "GET", url, params={"max_results": "4"}))[0] == 400
        _, body = await ask(session, "GET", url, params={"start_time": "2100-01-01T00:00:00Z"})
        assert body == {"meta": {"result_count": 0}}


async def test_faults_come_as_often_as_asked_and_where_asked(x: Stage) -> None:
    await x.fault("429", times=2, only="GET /2/users/me", seconds=60)
    with signer(x) as session:
        assert (await ask(session, "GET", f"{x.url}/2/tweets", params={"ids": "1"}))[0] == 200
        seen = [(await ask(session, "GET", f"{x.url}/2/users/me"))[0] for _ in range(3)]
        assert seen == [429, 429, 200]
        with requests.Session() as plain:
            status, body = await ask(plain, "POST", f"{x.url}/_control", json={"fault": "nonsense"})
            assert (status, "lost_answer" in body["error"]) == (400, True)
            assert (await ask(plain, "GET", f"{x.url}/_control"))[1] == {"fault": None, "posts": []}


async def test_a_slow_answer_is_a_right_one(x: Stage) -> None:
    await x.fault("slow", seconds=0.2)
    with signer(x) as session:
        began = time.monotonic()
        assert (await ask(session, "GET", f"{x.url}/2/users/me"))[0] == 200
        assert time.monotonic() - began >= 0.2


def test_a_crowd_reacts_to_the_newest_post() -> None:
    state = XStandIn()
    assert state.react(likes=1) is None
    old, new = state.add(BEA, "old", ""), state.add(BEA, "new", "u/{id}")
    assert state.react(likes=2, comments=1, reshares=3) == new.id
    assert state.react(old.id, likes=1) == old.id
    assert state.react("7", likes=1) is None
    assert (new.likes, new.replies, new.reposts, old.likes) == (2, 1, 3, 1)
    assert [post["id"] for post in state.posts()] == [new.id, old.id]
    assert state.posts()[0] == {"id": new.id, "text": "new", "url": f"u/{new.id}", "created": new.created}


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see http://127.0.0.1:8000/ab.", ["http://127.0.0.1:8000/ab"]),
        ("(https://go.example.com/x7) and example.org/a", ["https://go.example.com/x7", "http://example.org/a"]),
        ("no link", []),
    ],
)
def test_links_are_found_with_and_without_a_scheme(text: str, links: list[str]) -> None:
    assert [address for _, _, address in links_in(text)] == links
