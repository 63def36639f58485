"""The platforms that may ask before a call: all of them, and nowhere else."""

from calbridge.api.voice.contexts.elevenlabs import ElevenLabs
from calbridge.api.voice.contexts.flat import Bland, Generic, Synthflow
from calbridge.api.voice.contexts.pre_call import PreCall
from calbridge.api.voice.contexts.retell import Retell
from calbridge.api.voice.contexts.telnyx import Telnyx
from calbridge.api.voice.contexts.vapi import Vapi

PRE_CALLS: dict[str, PreCall] = {
    each.name: each for each in (Vapi(), Retell(), ElevenLabs(), Telnyx(), Bland(), Synthflow(), Generic())
}
