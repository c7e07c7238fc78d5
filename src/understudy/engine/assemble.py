"""From a recipe's models to an engine: one client, one journal, one budget for all that a run asks."""

from __future__ import annotations

from understudy.engine.embedded import Embedded
from understudy.engine.endpoint import Endpoint, endpoint
from understudy.engine.models import Completes, Models
from understudy.engine.router import Router
from understudy.recipe import Recipe


def endpoints(recipe: Recipe) -> dict[str, Endpoint]:
    """Where each role that is a model's is asked; `EngineError` for a name that leads nowhere."""
    return {role: endpoint(model) for role, model in recipe.models.asked().items()}


def engine_of(recipe: Recipe, client: Completes) -> Router:
    """The engine of a run: each role by its model, the rest embedded."""
    asked = recipe.models.asked()
    roles = {role: Models(client, where, asked[role], role) for role, where in endpoints(recipe).items()}
    return Router(Embedded(recipe.seed), roles)
