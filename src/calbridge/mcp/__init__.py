"""The MCP door: the agent's tools for any client of the Model Context Protocol, over HTTP at /mcp and over stdio.

What imports the protocol's SDK, the optional extra ``calbridge[mcp]``, is loaded when somebody asks for this door.
Inside of this room ``mcp`` is the SDK: imports are absolute.
"""
