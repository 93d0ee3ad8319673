"""Local stand-ins for Cost Explorer, Claude and Slack, for the tests and the demo."""
