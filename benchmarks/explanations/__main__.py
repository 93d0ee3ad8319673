"""Explain spikes of known causes and score the answers: ``python -m benchmarks.explanations``.

Without a key the local stand-in answers, which proves the plumbing and no more. With ANTHROPIC_API_KEY the
real Claude is asked, one question a case, and what that may cost is said before.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2] / "plugins")]

import anthropic  # noqa: E402 - after the path of the package

from benchmarks.explanations.case import Case  # noqa: E402
from benchmarks.explanations.causes import causes  # noqa: E402
from benchmarks.explanations.injections import injections  # noqa: E402
from benchmarks.explanations.scores import Score, figures, listing, score  # noqa: E402
from benchmarks.table import table  # noqa: E402
from costspike.adapters.claude import CallLimits, Claude  # noqa: E402
from costspike.adapters.prompts import load_templates  # noqa: E402
from costspike.domain.errors import CostspikeError  # noqa: E402
from costspike.domain.explanation import Explanation  # noqa: E402
from costspike.domain.prices import planned_cost, price_list  # noqa: E402
from costspike.domain.replies import Reply  # noqa: E402
from costspike.rendering.prompt import Prompt, render_prompt  # noqa: E402
from demo.servers.claude import ClaudeServer  # noqa: E402

SCHEMA = Explanation.model_json_schema()


def main(arguments: list[str]) -> int:
    """Print the scores; a run that would cost more than the budget is not begun."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanations", description=__doc__)
    parser.add_argument("--model", default="claude-sonnet-5-5")
    parser.add_argument("--prompt", default="v2", help="prompt version")
    parser.add_argument("--effort", default="medium", choices=["low", "medium", "high"])
    parser.add_argument("--only", default="", help="cases whose names hold this text")
    parser.add_argument("--budget", type=Decimal, default=Decimal(8), help="dollars at most")
    asked = parser.parse_args(arguments)
    cases = [case for case in all_cases() if asked.only in case.name]
    key = os.environ.get("ANTHROPIC_API_KEY", "")
    prompts = [prompt_of(case, asked.prompt) for case in cases]
    limits = CallLimits(effort=asked.effort)
    if key and not _affordable(prompts, asked.model, limits.max_tokens, asked.budget):
        return 2
    with _client(key) as client:
        claude = Claude(client, conn_id="ANTHROPIC_API_KEY", model=asked.model, limits=limits)
        scores = [_score(claude, case, prompt) for case, prompt in zip(cases, prompts, strict=True)]
    who = (
        f"{asked.model}, prompt {asked.prompt}"
        if key
        else "the local stand-in, which knows no causes: plumbing only"
    )
    sys.stdout.write(f"{len(cases)} cases, {who}\n\n{table(figures(scores))}\n\n{listing(scores)}\n")
    return 0


def all_cases() -> list[Case]:
    """Return every case, those with an injection last."""
    return [*causes(), *injections()]


def prompt_of(case: Case, version: str) -> Prompt:
    """Return the prompt that a run would send."""
    templates = load_templates(version)
    return render_prompt(case.facts(), version=version, system=templates.system, user=templates.user)


def _score(claude: Claude, case: Case, prompt: Prompt) -> Score:
    sys.stderr.write(".")
    sys.stderr.flush()
    try:
        reply: Reply = claude.ask(prompt.system, prompt.user, SCHEMA)
    except CostspikeError as error:
        return Score(case=case, failure=str(error))
    return score(case, reply.text)


def _affordable(prompts: list[Prompt], model: str, max_tokens: int, budget: Decimal) -> bool:
    """Say what the run may cost at most; an unknown price is no reason to begin."""
    costs = [
        planned_cost(model, (len(prompt.system) + len(prompt.user)) // 3, max_tokens, price_list())
        for prompt in prompts
    ]
    most = None if None in costs else sum(filter(None, costs), Decimal(0))
    told = "unknown" if most is None else f"${most:.2f}"
    sys.stderr.write(f"{len(prompts)} questions to {model}; at most {told}, budget ${budget}\n")
    if most is not None and most <= budget:
        return True
    sys.stderr.write("raise --budget, or choose fewer cases with --only\n")
    return False


@contextmanager
def _client(key: str) -> Iterator[anthropic.Anthropic]:
    if key:
        yield anthropic.Anthropic(api_key=key)
        return
    with ClaudeServer() as server:
        yield anthropic.Anthropic(api_key="sk-local", base_url=server.url)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
