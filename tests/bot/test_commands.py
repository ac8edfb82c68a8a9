"""Which word of ``/grapevine`` leads where."""

import pytest

from bot import accounts, commands, composer, insights
from bot.commands import dispatch
from tests.bot.stage import Stage, text_of
from tests.people import ADA, BEA


@pytest.mark.parametrize(
    ("alias", "text", "handler", "rest"),
    [
        ("/grapevine", "", commands.on_help, ""),
        ("/grapevine", "  HELP  ", commands.on_help, ""),
        ("/grapevine", "connect", accounts.on_connect, ""),
        ("/grapevine", "  Connect    LinkedIn ", accounts.on_connect, "LinkedIn"),
        ("/grapevine", "share\thttps://a.example/x", composer.on_share, "https://a.example/x"),
        ("/grapevine", "share https://a.example/x Read this,\nit is  good", composer.on_share,
         "https://a.example/x Read this,\nit is  good"),
        ("/grapevine", "https://a.example/x", composer.on_share, "https://a.example/x"),
        ("/grapevine", "HTTPS://a.example/x and words", composer.on_share, "HTTPS://a.example/x and words"),
        ("/grapevine", "<https://a.example/x|a.example>", composer.on_share, "<https://a.example/x|a.example>"),
        ("/grapevine", "conect linkedin", commands.on_unknown, "conect linkedin"),
        ("/grapevine-share", "", composer.on_share, ""),
        ("/grapevine-share", " https://a.example/x", composer.on_share, "https://a.example/x"),
        ("/grapevine-insights", "help", insights.on_insights, "help"),
    ],
)  # fmt: skip
def test_words_are_understood_whatever_their_case_and_spaces(
    alias: str, text: str, handler: commands.Handler, rest: str
) -> None:
    assert dispatch(alias, text) == (handler, rest)


async def test_help_names_every_subcommand(stage: Stage) -> None:
    said = await stage.types(BEA, "")
    for word in commands.SUBCOMMANDS.keys() - {"help"}:
        assert f"/grapevine {word}" in said, word


async def test_an_unknown_word_is_named_and_cannot_become_markup(stage: Stage) -> None:
    said = await stage.types(BEA, "<!channel> now")
    assert "does not know “&lt;!channel&gt;”" in said
    assert "/grapevine share" in said


async def test_the_answers_are_for_one_person_only(stage: Stage) -> None:
    await stage.types(BEA, "help")
    assert stage.pg.ephemerals(ADA.user) == []
    assert stage.pg.dms(BEA.user) == []


async def test_a_bare_address_opens_the_composer(stage: Stage) -> None:
    outcome = await stage.pg.command(BEA.user, "/grapevine", "https://blog.example.com/news")
    assert outcome.ok
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    assert "https://blog.example.com/news" in str(view)
    assert "Share" in text_of(view)
