"""The doctor: gathers what there is to know, whatever is broken, and has it judged."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from calbridge.domain.agents import Account, AccountStatus, Agent, AgentStatus, Organization
from calbridge.domain.errors import CalbridgeError
from calbridge.domain.intents import Backlog
from calbridge.services.doctor.diagnosis import Diagnosis, diagnose
from calbridge.services.doctor.examiner import Examiner, Patient
from calbridge.services.doctor.facts import AccountFacts, AgentFacts, Facts, Request, SettingsFacts
from calbridge.storage.inventory import Holding, Inventory, SchemaState, Stock


class Doctor:
    """Finds what would go wrong on a call. Changes nothing, here or at Cal.com.

    ``inventory`` is None where the settings name no database that could be asked.
    """

    def __init__(self, inventory: Inventory | None, examiner: Examiner, clock: Callable[[], datetime]) -> None:
        self._inventory = inventory
        self._examiner = examiner
        self._clock = clock

    async def examine(self, settings: SettingsFacts, request: Request) -> Diagnosis:
        """Look at everything that was asked for, as far as it can be reached. Never raises for what is broken."""
        schema, stock, backlog = None, None, Backlog()
        if self._inventory is not None:
            schema = await self._inventory.state()
            stock = await _stock(self._inventory, schema)
            backlog = await _backlog(self._inventory, schema, request)
        facts = Facts(self._clock(), request, settings, schema, records_readable=stock is not None, backlog=backlog)
        return diagnose(facts if stock is None else await self._with_records(facts, _Selection(stock, request)))

    async def _with_records(self, facts: Facts, selection: "_Selection") -> Facts:
        agents = selection.agents()
        holdings = selection.holdings(agents)
        users = {each.account.id: tuple(_users(each.account, agents)) for each in holdings}
        asked = [each.connection for each in holdings if each.connection and _is_in_use(each)]
        told = await self._examiner.examine([Patient(each, users[each.account.id]) for each in asked])
        by_account = dict(zip((each.account.id for each in asked), told, strict=True))
        accounts = (
            AccountFacts(
                account=each.account,
                key_opens=each.connection is not None,
                agents=users[each.account.id],
                sharers=selection.sharers(each.account),
                examination=by_account.get(each.account.id),
                webhooks=each.webhooks,
            )
            for each in holdings
        )
        return replace(facts, organizations=selection.organizations(), agents=agents, accounts=tuple(accounts))


class _Selection:
    """What of all that is set up was asked for."""

    def __init__(self, stock: Stock, request: Request) -> None:
        self._stock = stock
        self._request = request
        self._by_id = {each.account.id: each.account for each in stock.accounts}
        self._private = {each.account.agent_id: each.account for each in stock.accounts if each.account.agent_id}

    def organizations(self) -> tuple[Organization, ...]:
        """The organizations."""
        wanted = self._request.organization_id
        return tuple(each for each in self._stock.organizations if wanted in {None, each.id})

    def agents(self) -> tuple[AgentFacts, ...]:
        """The agents, each with the account that it uses."""
        found = (each for each in self._stock.agents if self._is_wanted(each.organization_id))
        wanted = self._request.agent_id
        return tuple(AgentFacts(each, self._used_by(each)) for each in found if wanted in {None, each.id})

    def holdings(self, agents: Iterable[AgentFacts]) -> tuple[Holding, ...]:
        """The accounts that are in use or should be; of a single agent, the one that it uses."""
        used = {each.account.id for each in agents if each.account is not None}
        return tuple(
            each
            for each in self._stock.accounts
            if each.account.status is not AccountStatus.INACTIVE
            and self._is_wanted(each.account.organization_id)
            and (self._request.agent_id is None or each.account.id in used)
        )

    def sharers(self, account: Account) -> tuple[UUID, ...]:
        """The other organizations that are connected to the same Cal.com user."""
        user = (account.base_url, account.host.id)
        others = (
            each.account.organization_id
            for each in self._stock.accounts
            if (each.account.base_url, each.account.host.id) == user
            and each.account.has_key
            and each.account.status is not AccountStatus.INACTIVE
            and each.account.organization_id != account.organization_id
        )
        return tuple(dict.fromkeys(others))

    def _is_wanted(self, organization_id: UUID) -> bool:
        return self._request.organization_id in {None, organization_id}

    def _used_by(self, agent: Agent) -> Account | None:
        private = self._private.get(agent.id)
        linked = self._by_id.get(agent.linked_account_id) if agent.linked_account_id else None
        return private or linked


async def _stock(inventory: Inventory, schema: SchemaState) -> Stock | None:
    if schema in {SchemaState.AWAY, SchemaState.MISSING}:
        return None
    try:
        return await inventory.stock()
    except CalbridgeError:
        return None


async def _backlog(inventory: Inventory, schema: SchemaState, request: Request) -> Backlog:
    if schema in {SchemaState.AWAY, SchemaState.MISSING}:
        return Backlog()
    try:
        return await inventory.backlog(request.organization_id, request.agent_id)
    except CalbridgeError:
        return Backlog()


def _users(account: Account, agents: Iterable[AgentFacts]) -> Iterable[Agent]:
    for each in agents:
        if each.account is not None and each.account.id == account.id and each.agent.status is AgentStatus.ACTIVE:
            yield each.agent


def _is_in_use(holding: Holding) -> bool:
    return holding.account.status is AccountStatus.ACTIVE
