"""ElevenLabs Agents: the conversation initiation webhook for incoming calls.

https://elevenlabs.io/docs/eleven-agents/customization/personalization/twilio-personalization, read 2026-11-20. All
dynamic variables that the agent defines have to be in the answer.
"""

from collections.abc import Mapping

from calbridge.api.voice.contexts.pre_call import PreCall, at
from calbridge.api.voice.platform import Json, Received


class ElevenLabs(PreCall):
    """ElevenLabs' conversation initiation."""

    name = "elevenlabs"

    def caller(self, request: Received) -> str:
        """Return the number that calls."""
        return at(request.json, "caller_id")

    def answer(self, variables: Mapping[str, str], request: Received) -> Json:
        """Fill the agent's dynamic variables."""
        del request
        return {"type": "conversation_initiation_client_data", "dynamic_variables": dict(variables)}
