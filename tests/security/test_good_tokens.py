"""Tokens that are good, though they may look odd: being strict must not mean being deaf."""

import base64
import time
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from tests.api.clinic import JWT_SECRET
from tests.security.forge import Issuer, Json, b64, compact, ec_key, pem, rsa_key
from tests.security.test_tokens import DEPLOYMENTS, answers, authorization
from tests.security.town import ISSUER, Town


async def status(app: FastAPI, town: Town, token: str, endpoint: str = "integration", scheme: str = "Bearer ") -> int:
    """Ask for what only the clinic may see."""
    asked = await answers(app, town, endpoint, {"it": authorization(token, scheme=scheme)})
    return asked["it"].status_code


def organization(town: Town) -> UUID:
    return UUID(town.own.organization)


@DEPLOYMENTS
async def test_a_good_token_may_be_written_in_many_ways(town: Town, issuer: Issuer) -> None:
    own = organization(town)
    claims = issuer.claims(own)
    tokens: dict[str, str] = {
        "no typ": issuer.token(claims, issuer.header(typ=...)),
        "typ jwt": issuer.token(claims, issuer.header(typ="jwt")),
        "typ at+jwt": issuer.token(claims, issuer.header(typ="at+jwt")),
        "kid": issuer.token(claims, issuer.header(kid="2026-03")),
        "spread out": issuer.token(b'{ "org_id" : "%s",\n "exp": %d, "aud": "%s", "iss": "%s" }' % (
            str(own).encode(), claims["exp"], issuer.audience.encode(), issuer.issuer.encode())),
        "a fraction": issuer.token(claims | {"exp": time.time() + 60.5, "iat": time.time() - 0.5}),
        "far away": issuer.token(claims | {"exp": 2**40}),
        "other claims": issuer.token(claims | {"scope": "x", "deep": [[[{}]]], "name": "é🔑", "amr": None}),
        "upper case": issuer.token(issuer.claims(None, org_id=str(own).upper())),
        "no sub": issuer.token(issuer.claims(own, sub=...)),
        "no iat": issuer.token(issuer.claims(own, iat=...)),
    }  # fmt: skip
    if issuer.audience:
        tokens["audiences"] = issuer.token(issuer.claims(own, aud=["other", issuer.audience]))
    else:
        tokens["an audience that nobody asked for"] = issuer.token(issuer.claims(own, aud="x", iss="y"))
    async with town.deployed(**issuer.settings) as app:
        assert {name: await status(app, town, token) for name, token in tokens.items()} == dict.fromkeys(tokens, 200)
        good = issuer.token(claims)
        for scheme in ("bearer ", "BEARER ", "Bearer  ", "bEaReR "):
            assert await status(app, town, good, scheme=scheme) == 200
        assert await status(app, town, f"{good} ") == 200


@pytest.mark.parametrize("claim", ["org_id", "organization_id", "orgId"])
async def test_each_name_of_the_claim_counts(town: Town, claim: str) -> None:
    mine = ISSUER.token(ISSUER.claims(None, **{claim: town.own.organization}))
    others = ISSUER.token(ISSUER.claims(None, **{claim: str(uuid4())}))

    assert await status(town.clinic.app, town, mine) == 200
    assert await status(town.clinic.app, town, others) == 404


async def test_the_first_claim_that_is_there_counts(town: Town) -> None:
    names, mine, other = ["org_id", "organization_id", "orgId"], town.own.organization, str(uuid4())
    for first in range(3):
        for second in range(first + 1, 3):
            for value, expected in ((mine, 200), (other, 404)):
                claims = {names[second]: other if value == mine else mine, names[first]: value}
                token = ISSUER.token(ISSUER.claims(None, **claims))
                assert await status(town.clinic.app, town, token) == expected


async def test_a_claim_wins_silently_over_another_org_id(town: Town) -> None:
    """``asks`` names the clinic in the query; the token is the neighbours', and so is what is looked for."""
    token = ISSUER.token(ISSUER.claims(UUID(town.foreign.organization)))

    assert await status(town.clinic.app, town, token, "one") == 404
    assert await status(town.clinic.app, town, token, "list") == 403


@pytest.mark.parametrize(("claim", "good", "bad"), [("exp", -55, -61), ("nbf", 55, 70), ("iat", 55, 70)])
async def test_clocks_may_differ_by_a_minute(town: Town, claim: str, good: int, bad: int) -> None:
    own, now = organization(town), time.time()

    assert await status(town.clinic.app, town, ISSUER.token(ISSUER.claims(own, **{claim: now + good}))) == 200
    assert await status(town.clinic.app, town, ISSUER.token(ISSUER.claims(own, **{claim: now + bad}))) == 401


async def test_several_secrets_verify_and_the_first_signs(town: Town) -> None:
    secrets = ["the new secret that is long enough", "the old secret that is long enough", JWT_SECRET]
    claims = ISSUER.claims(organization(town))
    async with town.deployed(jwt_secret=SecretStr(", ".join(secrets))) as app:
        for secret in secrets:
            assert await status(app, town, ISSUER.token(claims, key=secret)) == 200
        assert await status(app, town, ISSUER.token(claims, key=", ".join(secrets))) == 401
        issued = app.state.container.tokens.issue(organization(town), subject="tests", ttl_seconds=60)
    signed, _, signature = issued.rpartition(".")
    head, body = signed.split(".")

    assert compact(_unpacked(head), _unpacked(body), "HS256", secrets[0]).endswith(signature)


def _unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_several_public_keys_verify(town: Town, algorithm: str) -> None:
    keys = [rsa_key(0), rsa_key(1)] if algorithm == "RS256" else [ec_key("ES256", 0), ec_key("ES256", 1)]
    stranger = rsa_key(2) if algorithm == "RS256" else ec_key("ES256", 2)
    issuer = Issuer(algorithm, keys[0])
    claims = issuer.claims(organization(town))
    settings: Json = {"jwt_algorithm": algorithm, "jwt_public_key": "".join(pem(key) for key in keys)}
    async with town.deployed(**settings) as app:
        assert [await status(app, town, issuer.token(claims, key=key)) for key in (*keys, stranger)] == [200, 200, 401]


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "RS384", "RS512", "ES384", "ES512"])
async def test_a_deployment_may_use_any_listed_algorithm(town: Town, algorithm: str) -> None:
    issuer = Issuer(
        algorithm,
        JWT_SECRET if algorithm.startswith("HS") else rsa_key() if algorithm.startswith("RS") else ec_key(algorithm),
    )
    token = issuer.token(issuer.claims(organization(town)))
    async with town.deployed(**issuer.settings) as app:
        assert await status(app, town, token) == 200
        assert await status(town.clinic.app, town, token) == 401
        unsigned = f"{b64(b'{}')}.{token.split('.')[1]}."
        assert await status(app, town, unsigned) == 401


async def test_a_token_of_a_deployment_without_audience_is_good_for_none_that_has_one(town: Town) -> None:
    """And the other way round it is good: who asks for no audience gets none checked."""
    own = organization(town)
    strict = Issuer("HS256", JWT_SECRET, "https://issuer.example", "calbridge")
    async with town.deployed(**strict.settings) as app:
        assert await status(app, town, ISSUER.token(ISSUER.claims(own))) == 401
        assert await status(app, town, strict.token(strict.claims(own))) == 200
    assert await status(town.clinic.app, town, strict.token(strict.claims(own))) == 200
