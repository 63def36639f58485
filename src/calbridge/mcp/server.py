"""The protocol's server: lists the tools of an agent, and has a tool call seen to at the front desk."""

from collections.abc import Callable
from typing import Any

import structlog
from mcp import MCPError, types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from calbridge.bootstrap import Container
from calbridge.domain.actions import Action
from calbridge.domain.agents import AgentStatus
from calbridge.domain.errors import CalbridgeError
from calbridge.mcp import results, tools
from calbridge.mcp.arguments import Arguments
from calbridge.mcp.calls import call_of
from calbridge.mcp.line import Line
from calbridge.tools.catalog import ACTIONS, TOOLS

NAME = "calbridge"
VERSION = "0.1.0"
INSTRUCTIONS = (
    "Appointments of one agent's calendar, for somebody who is on the phone. The first text of an answer is one line "
    "to say to the caller as it is. Ask for what action_required names, and never say that something is booked, moved "
    "or cancelled before an answer has said so."
)

# Beside the catalogue's: a time in two parts, and the call where no header tells it.
READ = {"date", "time", "call_session_id"}.union(*({each.name for each in tool.parameters} for tool in TOOLS))

Context = ServerRequestContext[Any, Any]
log = structlog.get_logger()


class Desk:
    """Answers the protocol's requests. ``line_of`` tells on which line one comes in."""

    def __init__(self, services: Container, line_of: Callable[[Context], Line]) -> None:
        self._services = services
        self._line_of = line_of

    async def list_tools(self, context: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        """List what the agent may do. An agent that takes no calls, and another organization's, are not found."""
        line = self._line_of(context)
        assignment = await self._services.agents.assignment(line.organization_id, line.agent_id)
        if assignment is None or assignment.agent.status is not AgentStatus.ACTIVE:
            raise MCPError(types.INVALID_PARAMS, "Agent not found")
        return types.ListToolsResult(tools=tools.listed(assignment, caller_known=bool(line.caller)))

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        """See to one tool call: whatever comes of it is a result, so that the model has something to say."""
        line = self._line_of(context)
        name = ACTIONS.get(params.name)
        if name is None:
            raise MCPError(types.INVALID_PARAMS, "Unknown tool")
        action: Action | None = None
        replayed = False
        arguments = Arguments.of(params.arguments)
        try:
            call = call_of(name, arguments, line)
            action = call.action
            reply = await self._services.front_desk.handle(call, line.credential, line.address)
            result, replayed = results.of_reply(reply), reply.replayed
        except CalbridgeError as error:
            result = results.of_error(error, action)
        except Exception:  # the SDK would tell older clients what it says
            log.exception("mcp.failed", action=name)
            result = results.of_error(CalbridgeError(), action)
        log.info(
            "mcp.called",
            action=name,
            failed=result.is_error,
            replayed=replayed,
            phone_from="line" if line.caller else "model",
            ignored=len(arguments.given.keys() - READ),
        )
        return result


def make_server(services: Container, line_of: Callable[[Context], Line]) -> Server[Any]:
    """Make the protocol's server over the container."""
    desk = Desk(services, line_of)
    return Server(
        NAME,
        version=VERSION,
        instructions=INSTRUCTIONS,
        get_tool_input_schema=tools.schema_of,
        on_list_tools=desk.list_tools,
        on_call_tool=desk.call_tool,
    )
