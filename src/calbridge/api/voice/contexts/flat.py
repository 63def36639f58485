"""Platforms whose customers compose the request and pick from the answer: ``caller_number`` in, flat variables out.

Bland asks with ``dynamic_data`` (https://docs.bland.ai/tutorials/dynamic-data), Synthflow with a custom action that
runs before the call (https://docs.synthflow.ai/about-custom-actions); read 2026-11-20.
"""

from collections.abc import Mapping

from calbridge.api.voice.contexts.pre_call import PreCall, at
from calbridge.api.voice.platform import Json, Received


class Generic(PreCall):
    """One object with everything."""

    name = "generic"

    def caller(self, request: Received) -> str:
        """Return the number that calls."""
        return at(request.json, "caller_number")

    def answer(self, variables: Mapping[str, str], request: Received) -> Json:
        """Return the variables as they are."""
        del request
        return dict(variables)


class Bland(Generic):
    """Bland's dynamic data."""

    name = "bland"


class Synthflow(Generic):
    """Synthflow's custom action before the call."""

    name = "synthflow"
