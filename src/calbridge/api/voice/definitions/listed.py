"""The platforms for which there is something to paste: all of them, and nowhere else."""

from calbridge.api.voice.definitions.bland import Bland
from calbridge.api.voice.definitions.definition import Definition
from calbridge.api.voice.definitions.elevenlabs import ElevenLabs
from calbridge.api.voice.definitions.generic import Generic
from calbridge.api.voice.definitions.mcp import Mcp
from calbridge.api.voice.definitions.openai import OpenAi
from calbridge.api.voice.definitions.retell import Retell
from calbridge.api.voice.definitions.synthflow import Synthflow
from calbridge.api.voice.definitions.telnyx import Telnyx
from calbridge.api.voice.definitions.vapi import Vapi
from calbridge.domain.errors import NotFoundError

DEFINITIONS: dict[str, Definition] = {
    each.name: each
    for each in (Vapi(), Retell(), ElevenLabs(), Telnyx(), Bland(), Synthflow(), Generic(), OpenAi(), Mcp())
}


def definition_for(platform: str) -> Definition:
    """Return the definition for a platform. Raises NotFoundError."""
    definition = DEFINITIONS.get(platform)
    if definition is None:
        raise NotFoundError("Platform")
    return definition
