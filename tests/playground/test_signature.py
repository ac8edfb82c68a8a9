"""The stand-in's signatures against the examples of RFC 5849 and of X's own page."""

import pytest

from grapevine.playground.signature import base_string, parse_authorization, signed

#: RFC 5849, section 3.4.1.1
RFC_HEADER = (
    'OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", '
    'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", '
    'oauth_signature="djosJKDKJSD8743243%2Fjdk33klY%3D"'
)
RFC_BASE = (
    "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D"
    "%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
    "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
)
#: https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature
X_OAUTH = {
    "oauth_consumer_key": "xvz1evFS4wEEPTGEFPHBog",
    "oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": "1318622958",
    "oauth_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    "oauth_version": "1.0",
}
X_BODY = [("status", "Hello Ladies + Gentlemen, a signed OAuth request!")]
X_SECRETS = ("kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE")


def test_the_base_string_is_the_rfcs() -> None:
    oauth = parse_authorization(RFC_HEADER)
    own = [(name, value) for name, value in oauth.items() if name not in ("realm", "oauth_signature")]
    url = "http://EXAMPLE.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
    assert base_string("post", url, [*own, ("c2", ""), ("a3", "2 q")]) == RFC_BASE


@pytest.mark.parametrize("name", [*X_OAUTH, "status", "secret"])
def test_a_signature_covers_everything_that_was_signed(name: str) -> None:
    url = "https://api.x.com/1.1/statuses/update.json?include_entities=true"
    right = {**X_OAUTH, "oauth_signature": "Ls93hJiZbQ3akF3HF3x1Bz8/zU4="}
    assert signed("POST", url, right, X_BODY, *X_SECRETS)
    body = [("status", "Hello")] if name == "status" else X_BODY
    secret = "other" if name == "secret" else X_SECRETS[0]
    wrong = {**right, name: "9"} if name in X_OAUTH else right
    assert not signed("POST", url, wrong, body, secret, X_SECRETS[1])


def test_a_header_that_names_a_parameter_twice_is_no_header() -> None:
    assert parse_authorization('OAuth oauth_token="a", oauth_token="b"') == {}
    assert parse_authorization("Bearer abc") == {}
