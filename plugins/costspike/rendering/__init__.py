"""Pure text: amounts for people, Slack messages, the preview page. No I/O, no clock, no settings."""
