"""The platforms that may ask before a call: all of them, and nowhere else."""

from calbridge.api.voice.contexts.elevenlabs import ElevenLabs
from calbridge.api.voice.contexts.flat import Bland, Generic, Synthflow
from calbridge.api.voice.contexts.pre_call import PreCall
from calbridge.api.voice.contexts.retell import Retell
from calbridge.api.voice.contexts.telnyx import Telnyx
from calbridge.api.voice.contexts.vapi import Vapi
from calbridge.domain.errors import NotFoundError

PRE_CALLS: dict[str, PreCall] = {
    each.name: each for each in (Vapi(), Retell(), ElevenLabs(), Telnyx(), Bland(), Synthflow(), Generic())
}


def pre_call_of(platform: str) -> PreCall:
    """Return the question of a platform. Raises NotFoundError."""
    pre_call = PRE_CALLS.get(platform)
    if pre_call is None:
        raise NotFoundError("Platform")
    return pre_call
