"""What Slack takes in one message. Lengths are characters, after escaping, unless said otherwise."""

HEADER_TEXT = 150
"""https://docs.slack.dev/reference/block-kit/blocks/header-block"""

SECTION_TEXT = 3000
SECTION_FIELDS = 10
"""Fields in one section."""
FIELD_TEXT = 2000
"""https://docs.slack.dev/reference/block-kit/blocks/section-block"""

CONTEXT_ELEMENTS = 10
"""Elements: https://docs.slack.dev/reference/block-kit/blocks/context-block"""

TABLE_ROWS = 100
"""Rows, the heading included: https://docs.slack.dev/reference/block-kit/blocks/table-block"""

CHART_TITLE = 50
CHART_LABEL = 20
CHART_POINTS = 20
"""Points of one series: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block"""

LINK_URL = 3000
"""The only stated limit of a URL: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""

BLOCKS = 50
"""Blocks in one message: https://docs.slack.dev/reference/block-kit/blocks"""

BLOCKS_JSON = 11_000
"""All blocks as JSON. Slack states no number and answers ``msg_blocks_too_long``; users measured the
border between 15,561 accepted and 17,694 refused, with 9,597 and 11,341 characters of text in them:
https://github.com/slackapi/bolt-js/issues/2509"""

FALLBACK_TEXT = 3000
"""Our own: Slack cuts ``text`` above 40,000 and advises 4,000, https://docs.slack.dev/reference/methods/chat.postMessage"""
