"""The platforms whose tool calls are understood: all of them, and nowhere else."""

from enum import StrEnum

from calbridge.api.voice.bland import Bland
from calbridge.api.voice.elevenlabs import ElevenLabs
from calbridge.api.voice.generic import Generic
from calbridge.api.voice.platform import Platform
from calbridge.api.voice.retell import Retell
from calbridge.api.voice.synthflow import Synthflow
from calbridge.api.voice.telnyx import Telnyx
from calbridge.api.voice.vapi import Vapi


class PlatformName(StrEnum):
    """The platforms, as addresses name them."""

    VAPI = "vapi"
    RETELL = "retell"
    ELEVENLABS = "elevenlabs"
    TELNYX = "telnyx"
    BLAND = "bland"
    SYNTHFLOW = "synthflow"
    GENERIC = "generic"


PLATFORMS: dict[str, Platform] = {
    each.name: each for each in (Vapi(), Retell(), ElevenLabs(), Telnyx(), Bland(), Synthflow(), Generic())
}
