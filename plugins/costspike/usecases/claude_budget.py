"""Whether the next answer of Claude's still fits the budgets of the day and of the run."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.domain.errors import CostspikeError
from costspike.domain.explanation import Explanation
from costspike.domain.prices import PriceList, planned_cost

if TYPE_CHECKING:
    from costspike.adapters.claude import Claude
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.domain.runs import Run
    from costspike.rendering.prompt import Prompt
    from costspike.settings import Settings

log = logging.getLogger(__name__)


class OverBudget(CostspikeError):
    """The next answer might cost more than the settings allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The budgets of one run, where its spending is counted, and at which prices it plans."""

    run: Run
    settings: Settings
    explanations: Explanations
    prices: PriceList

    def check(self, claude: Claude, prompt: Prompt, model: str, *, more: Decimal = Decimal(0)) -> Decimal:
        """Refuse a question whose dearest answer does not fit what is left; return what that may cost.

        A model whose price is not known cannot be planned: it is asked while the known spending is below the
        budgets, and 0 is returned.

        Args:
            claude: counts the tokens of the prompt.
            prompt: what is to be asked.
            model: its model.
            more: dollars that are spent or planned and are not counted in the warehouse yet.

        Raises:
            OverBudget: it does not fit.
            UpstreamError: the credentials are refused.
        """
        own = self.settings.explain
        spent = {
            "explain.daily_budget_usd": (
                self.explanations.usd_since(self.run.midnight),
                own.daily_budget_usd,
            ),
            "explain.run_budget_usd": (self.explanations.usd_of_run(self.run.claims), own.run_budget_usd),
        }
        for name, (known, budget) in spent.items():
            if known + more >= budget:
                msg = f"the budget for Claude is used up (${known + more:.2f} of ${budget}, {name})"
                raise OverBudget(msg)
        tokens = claude.count_tokens(prompt.system, prompt.user, Explanation.model_json_schema())
        planned = planned_cost(model, tokens, own.max_tokens, self.prices)
        if planned is None:
            log.warning("The price of %s is not known (explain.prices); its cost is not planned.", model)
            return Decimal(0)
        for name, (known, budget) in spent.items():
            if known + more + planned > budget:
                msg = (
                    f"the answer may cost ${planned:.2f}, and the budget for Claude leaves "
                    f"${budget - known - more:.2f} (of ${budget}, {name})"
                )
                raise OverBudget(msg)
        return planned
