"""The sandbox: a small, honest Cal.com API v2 to develop, demonstrate and test against.

It imports nothing of calbridge, so that the client and its counterpart cannot be wrong together. A request walks
`reception` (writes it down, plays a fault) -> `app` (finds the endpoint, counts, authenticates) -> a handler, which
reads or changes the `world` and answers with a shape of `rendering` or an error of `envelopes`.
"""
