"""Text and times of the playground's page, in a real browser."""

import pytest
from playwright.async_api import Page, expect

from tests.people import BEA
from tests.playground.tiny_app import Stage

pytestmark = pytest.mark.browser
#: what mrkdwn becomes, with links as "address label" and without the other attributes
SIMPLIFIED = """async (text) => {
  const node = (await import("/mrkdwn.js")).mrkdwn(text);
  for (const link of node.querySelectorAll("a")) link.replaceWith(link.getAttribute("href") + " " + link.textContent);
  for (const span of node.querySelectorAll("span, time")) span.replaceWith(span.textContent);
  return node.innerHTML;
}"""


MRKDWN = {
    "*bold* _italic_ ~gone~": "<strong>bold</strong> <em>italic</em> <s>gone</s>",
    "*bold _both_*": "<strong>bold <em>both</em></strong>",
    "snake_case_name 2*3*4 * not *": "snake_case_name 2*3*4 * not *",
    "`*code* &lt;b&gt;`": "<code>*code* &lt;b&gt;</code>",
    "a\n```\n*pre* <x>\n```\nb": "a<pre>*pre* &lt;x&gt;</pre>b",
    "> one\n&gt; two\nthree": "<blockquote>one<br>two</blockquote>three",
    "one\n\ntwo": "one<br><br>two",
    ":tada: :unknown: 12:30:45": "🎉 :unknown: 12:30:45",
    "AT&amp;T &lt;b&gt; &amp;lt;": "AT&amp;T &lt;b&gt; &amp;lt;",
    "<b onclick=x>no</b>": "&lt;b onclick=x&gt;no&lt;/b&gt;",
    "<javascript:x|no> <data:text/html,x>": "&lt;javascript:x|no&gt; &lt;data:text/html,x&gt;",
    "<@U0CY000001> <#C0GENERAL1> <!here>": "@Cy Ortega #general @here",
    "<!date^0^{date_num}|then>": "1970-01-01",
    "<!date^never^{date_num}|then>": "then",
    "<https://a.example/?b=1&amp;c=2|*x*>": "https://a.example/?b=1&amp;c=2 *x*",
    "see https://a.example/x, ok?": "see https://a.example/x https://a.example/x, ok?",
}


async def looks(page: Page, stage: Stage) -> None:
    await page.goto(f"{stage.url}/?user={BEA.user}")
    await expect(page.get_by_role("button", name="Count")).to_be_visible()


async def test_mrkdwn_reads_as_in_slack(page: Page, stage: Stage) -> None:
    await looks(page, stage)
    assert {text: await page.evaluate(SIMPLIFIED, text) for text in MRKDWN} == MRKDWN


async def test_a_moment_on_the_persons_clock_comes_back_as_itself(page: Page, stage: Stage) -> None:
    """Also beside the hour in which clocks change: Stockholm's on 25 October, New York's on 8 March 2026."""
    await looks(page, stage)
    moments = {"Europe/Stockholm": [1792882800, 1792893600], "America/New_York": [1772949600, 1772956800]}
    there_and_back = """async (moments) => {
      const { epochOf, wallTime } = await import("/zone.js");
      const both = (tz) => (at) => [wallTime(at, tz), epochOf(wallTime(at, tz), tz) - at];
      return Object.entries(moments).flatMap(([tz, all]) => all.map(both(tz)));
    }"""
    clocks = ["2026-10-25T01:00", "2026-10-25T03:00", "2026-03-08T01:00", "2026-03-08T04:00"]
    assert await page.evaluate(there_and_back, moments) == [[clock, 0] for clock in clocks]


@pytest.mark.parametrize(
    ("decimal", "said"), [(True, "Please enter a number."), (False, "Please enter a whole number.")]
)
async def test_only_where_it_must_be_whole_a_whole_number_is_asked_for(
    page: Page, stage: Stage, decimal: bool, said: str
) -> None:
    await looks(page, stage)
    asked = {"type": "number_input", "is_decimal_allowed": decimal}
    problem = "async (asked) => (await import('/inputs.js')).problem(asked, 'lots')"
    assert await page.evaluate(problem, asked) == said
