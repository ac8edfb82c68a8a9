"""Rule 27: UTM tags are added when a share is made; those in the URL already win."""

from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.utm import with_utm


def test_source_medium_and_campaign_are_added_and_content_only_when_given() -> None:
    assert (
        with_utm("https://example.com/a#top", source="linkedin", campaign="q4 launch")
        == "https://example.com/a?utm_source=linkedin&utm_medium=advocacy&utm_campaign=q4+launch#top"
    )
    assert "utm_content=s1" in with_utm("https://example.com/", source="x", content="s1")


def test_tags_that_are_in_the_url_already_win() -> None:
    tagged = with_utm("https://example.com/?UTM_Source=newsletter&x=1", source="linkedin")
    assert "utm_source=linkedin" not in tagged
    assert tagged.endswith("&utm_medium=advocacy")


@given(st.text(alphabet="ab&=%+;?", max_size=30))
def test_the_url_s_own_query_is_never_rewritten(query: str) -> None:
    tagged = with_utm(f"https://example.com/?{query}", source="x")
    assert urlsplit(tagged).query.startswith(urlsplit(f"https://example.com/?{query}").query)
    assert parse_qs(urlsplit(tagged).query)["utm_medium"] == ["advocacy"]
