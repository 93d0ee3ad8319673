"""A back-test as one page for the browser: what would have been alerted, at a glance and one by one."""

from collections.abc import Mapping, Sequence
from html import escape

from costspike.domain.backtest import BackTest, Outcome
from costspike.domain.incidents import Incident
from costspike.domain.money import tenths
from costspike.rendering.amounts import currency_code, number, whole_money
from costspike.rendering.backtest_cells import (
    INCIDENT_HEADINGS,
    OUTCOME_HEADINGS,
    by_sensitivity,
    incident_cells,
    largest_first,
    outcome_cells,
    span,
)
from costspike.rendering.backtest_chart import backtest_chart

# No script, no font, no image: the page loads nothing, and says so to the browser.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{css}</style>
</head>
<body>
<main class="report">
<header>
<p class="product">costspike</p>
<h1>{title}</h1>
<p class="lead">{lead}</p>
</header>
{sections}
<footer>
<p>Each day was judged with the rows up to that day, as in the daily run. The amounts are today's: what AWS
restated since then is in them, so a day that was corrected later may look clearer here than it did then.</p>
</footer>
</main>
</body>
</html>
"""
_MOST_ROWS = 100
_LEFT_COLUMNS = frozenset({"What", "Account", "First day", "Last day", "State"})
_NOTE = (
    "An alert is an incident that begins; its updates answer in its thread. Costs are what the incidents cost"
    " more than expected: by the day of the alert, a day and a week later, and in all."
)


def backtest_page(
    tests: Sequence[BackTest], *, css: str, names: Mapping[str, str] | None = None, title: str = "Back-test"
) -> str:
    """Return one self-contained page without script; ``names`` are the accounts' by id.

    The first outcome of each test is shown as the current settings, those of the chart.
    """
    return _PAGE.format(
        policy=escape(_POLICY),
        title=escape(title),
        css=css.replace("</", "<\\/"),
        lead=escape(" ".join(map(_lead, tests)) or "There is nothing to show."),
        sections="\n".join(_section(number, test, names or {}) for number, test in enumerate(tests, 1)),
    )


def _lead(test: BackTest) -> str:
    outcome = test.outcomes[0]
    days, count = outcome.judged_days, len(outcome.incidents)
    if not days:
        return f"{span(test)}: there is too little data on these days."
    cost = whole_money(outcome.impact, test.billing_currency)
    return (
        f"{span(test)}, {days:,} days judged: at sensitivity"
        f" {number(outcome.detection.sensitivity)} there would have been {count:,}"
        f" alert{'' if count == 1 else 's'}, {tenths(outcome.alerts_a_month)} a month, for {cost} above the expected."
    )


def _section(place: int, test: BackTest, names: Mapping[str, str]) -> str:
    current = test.outcomes[0]
    ranked = largest_first(current.incidents)
    code = escape(currency_code(test.billing_currency) or "Costs")
    return "\n".join(
        [
            f'<section aria-label="{code}">',
            f"<h2>{code}</h2>",
            backtest_chart(test, ranked, f"c{place}i"),
            "<h3>Sensitivities side by side</h3>",
            _outcomes(test),
            f'<p class="note">{_NOTE}</p>',
            f"<h3>Incidents at sensitivity {number(current.detection.sensitivity)}</h3>",
            _incidents(ranked, names, f"c{place}i"),
            *(
                _other(outcome, current, names)
                for outcome in by_sensitivity(test.outcomes)
                if outcome is not current
            ),
            "</section>",
        ]
    )


def _outcomes(test: BackTest) -> str:
    rows = []
    for outcome in by_sensitivity(test.outcomes):
        first, *others = outcome_cells(test, outcome)
        is_current = outcome is test.outcomes[0]
        mark = ' <span class="current">current</span>' if is_current else ""
        cells = "".join(f'<td class="right">{escape(cell)}</td>' for cell in others)
        current = ' class="chosen"' if is_current else ""
        rows.append(f'<tr{current}><th scope="row" class="right">{mark}{escape(first)}</th>{cells}</tr>')
    return _table(OUTCOME_HEADINGS, rows, "What each sensitivity would have alerted")


def _incidents(ranked: Sequence[Incident], names: Mapping[str, str], anchor: str = "") -> str:
    if not ranked:
        return '<p class="empty">None: these days would have been quiet.</p>'
    rows = []
    for rank, incident in enumerate(ranked[:_MOST_ROWS], 1):
        cells = zip(INCIDENT_HEADINGS, incident_cells(rank, incident, names), strict=True)
        texts = "".join(f'<td class="{_side(heading)}">{escape(cell)}</td>' for heading, cell in cells)
        rows.append(f'<tr id="{anchor}-{rank}">{texts}</tr>' if anchor else f"<tr>{texts}</tr>")
    left = len(ranked) - len(rows)
    more = f'<p class="note">… and {left:,} smaller ones.</p>' if left else ""
    caption = "The largest first; the numbers are those of the drawing" if anchor else "The largest first"
    return _table(INCIDENT_HEADINGS, rows, caption) + more


def _other(outcome: Outcome, current: Outcome, names: Mapping[str, str]) -> str:
    """Return, folded up, what another sensitivity finds beside or instead of the current one."""
    known = {spike_id for incident in current.incidents for spike_id in incident.spike_ids}
    own = {spike_id for incident in outcome.incidents for spike_id in incident.spike_ids}
    new = largest_first([one for one in outcome.incidents if known.isdisjoint(one.spike_ids)])
    lost = largest_first([one for one in current.incidents if own.isdisjoint(one.spike_ids)])
    name = number(outcome.detection.sensitivity)
    parts = [
        f"<details><summary>{title} at sensitivity {name}: {len(found)}</summary>{_incidents(found, names)}</details>"
        for title, found in (("Only", new), ("Missing", lost))
        if found
    ]
    return "\n".join(parts)


def _table(headings: Sequence[str], rows: Sequence[str], caption: str) -> str:
    heads = "".join(
        f'<th scope="col" class="{_side(heading)}">{escape(heading)}</th>' for heading in headings
    )
    return (
        f'<div class="table"><table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>\n{chr(10).join(rows)}\n</tbody></table></div>"
    )


def _side(heading: str) -> str:
    return "left" if heading in _LEFT_COLUMNS else "right"
