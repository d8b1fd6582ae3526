"""Published flows: read them for calls, publish and sign new ones, retire them; the case behind a ticket."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.flow import CompiledFlow, Flow, Severity, compile_flow, from_data, lint, run_case, to_data
from deskapp.domain.flow.findings import FlowInvalid, nearest
from deskapp.domain.flow.model import Text
from deskapp.domain.i18n import N_
from deskapp.domain.terms import Grade
from deskapp.domain.views_flow import CaseView, FlowLine, FlowSheet, SignOffLine
from deskapp.models.base import table
from deskapp.models.flow import FlowCase, FlowHead, FlowSignOff, FlowVersion
from deskapp.models.people import Agent
from deskapp.services.desk import Read, Work, handles
from deskapp.services.flow_schema import FlowDoc
from deskapp.services.flow_words import jump_words, pinyin_of
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.flows import (
    GetCase,
    GetFlow,
    GetFlows,
    GetSignOffs,
    PublishFlow,
    PublishShipped,
    RetireFlow,
    SignFlow,
)

_v, _h, _s = table(FlowVersion).c, table(FlowHead).c, table(FlowSignOff).c
_kept: dict[str, CompiledFlow] = {}
_KEEP = 200


@handles(GetFlows)
def get_flows(read: Read, query: GetFlows) -> tuple[FlowLine, ...]:
    """The flows of the desk, those one took a call with last first."""
    c = table(FlowCase).c
    used: dict[str, datetime] = {
        flow: at
        for flow, at in read.session.execute(
            select(_v.flow, func.max(c.started_at))
            .join_from(table(FlowCase), table(FlowVersion), c.version_id == _v.id)
            .where(c.agent_id == read.actor.id)
            .group_by(_v.flow)
        )
    }
    wanted = (
        select(_h.version_id, _h.retired) if query.retired else select(_h.version_id, _h.retired).where(~_h.retired)
    )
    heads = {version: retired for version, retired in read.session.execute(wanted)}
    rows = read.session.execute(select(table(FlowVersion)).where(_v.id.in_(heads))).all()
    signed = _signers(read.session, [row.hash for row in rows])
    lines = [_line(row, signed, heads[row.id], used.get(row.flow)) for row in rows]
    lines.sort(key=lambda line: line.flow)
    lines.sort(key=lambda line: line.last_used.timestamp() if line.last_used else 0.0, reverse=True)
    return tuple(lines)


@handles(GetFlow)
def get_flow(read: Read, query: GetFlow) -> FlowSheet:
    """A published version whole, also one that newer calls are not taken with. Raises NotFound."""
    row = read.session.execute(select(table(FlowVersion)).where(_v.id == query.version_id)).first()
    if row is None:
        raise NotFound(N_("That version of the flow is not published here."))
    signed = _signers(read.session, [row.hash])
    flow = compiled_of(row.hash, row.content).flow
    return FlowSheet(_line(row, signed, False, None), row.content, jump_words(flow))


@handles(GetSignOffs)
def get_sign_offs(read: Read, query: GetSignOffs) -> tuple[SignOffLine, ...]:
    """Who gave their word for this very content; `other` tells whether it counts for what the reader publishes."""
    a = table(Agent).c
    found = read.session.execute(
        select(a.name, _s.note, _s.signed_at, _s.signed_by)
        .join_from(table(FlowSignOff), table(Agent), _s.signed_by == a.id)
        .where(_s.flow == query.flow, _s.hash == query.hash)
        .order_by(_s.signed_at.desc())
    )
    return tuple(SignOffLine(name, note, at, by != read.actor.id) for name, note, at, by in found)


@handles(GetCase)
def get_case(read: Read, query: GetCase) -> CaseView | None:
    """The guided case behind a ticket."""
    c = table(FlowCase).c
    row = read.session.execute(select(table(FlowCase)).where(c.ticket_id == query.ticket_id)).first()
    if row is None:
        return None
    return CaseView(
        row.ticket_id, row.version_id, row.version, row.outcome, row.grade, row.given_grade, row.grade_reason,
        row.complete, row.emergency, row.seconds, row.keys, row.snapshot, row.cause, row.missing, row.confirmed_at,
    )  # fmt: skip


@handles(PublishFlow)
def publish_flow(work: Work, command: PublishFlow) -> Receipt:
    """Publish a version for new calls. Raises FlowInvalid with the findings, Conflict, Denied without a sign-off."""
    work.authorize(command.action)
    compiled = _judged(command.data)
    flow = compiled.flow
    if is_red(flow) and not _signed_by_another(work, flow.id, compiled.hash):
        raise Denied(
            N_("{flow} has red outcomes: somebody else has to sign it before it is published."),
            hint=N_("A lead or QA lead signs this very content: deskapp flow sign."),
            flow=flow.id,
        )
    version = _publish(work, compiled, command.submission_id, shipped=False)
    work.record(command.action, "flow", version)
    return Receipt("flow", version.id, f"{version.flow} {version.release}", 0)


@handles(PublishShipped)
def publish_shipped(work: Work, command: PublishShipped) -> Receipt:
    """Publish the shipped flows, marked as samples until they are signed. Raises Conflict when there is nothing new."""
    work.authorize(command.action)
    made = add_shipped(work, command.submission_id)
    if not made:
        raise Conflict(N_("The shipped flows are published already."))
    return Receipt("flow", made[0].id, ", ".join(version.flow for version in made), 0)


def add_shipped(work: Work, submission_id: UUID) -> list[FlowVersion]:
    """Put the shipped flows onto a desk; those it has in this form, or publishes itself, stay as they are."""
    from deskapp.services.flow_files import shipped_flows

    have = {(flow, hash_) for flow, hash_ in work.session.execute(select(_v.flow, _v.hash))}
    own = set(work.session.execute(select(_v.flow).where(~_v.shipped)).scalars())
    made = []
    for compiled in shipped_flows():
        if compiled.flow.id in own or (compiled.flow.id, compiled.hash) in have:
            continue
        version = _publish(work, compiled, uuid5(submission_id, compiled.flow.id), shipped=True)
        work.record("flow.publish", "flow", version)
        made.append(version)
    return made


@handles(SignFlow)
def sign_flow(work: Work, command: SignFlow) -> Receipt:
    """Sign the content of a flow. Raises FlowInvalid for one with errors, Conflict when one has signed it already."""
    work.authorize(command.action)
    compiled = _judged(command.data)
    own = select(_s.id).where(_s.hash == compiled.hash, _s.signed_by == work.actor.id)
    if work.session.execute(own).first():
        raise Conflict(N_("You have signed this content already."))
    row = FlowSignOff(
        id=command.submission_id, flow=compiled.flow.id, hash=compiled.hash, note=command.note,
        signed_by=work.actor.id, signed_at=work.now,
    )  # fmt: skip
    work.add(row)
    work.record(command.action, "flow", row)
    return Receipt("flow", row.id, compiled.flow.id, 0)


@handles(RetireFlow)
def retire_flow(work: Work, command: RetireFlow) -> Receipt:
    """Offer a flow no more, or again; calls under way go on with it."""
    work.authorize(command.action)
    found = work.session.execute(select(_h.id).where(_h.flow == command.flow)).scalar()
    if found is None:
        raise not_published(work.session, command.flow)
    head = work.lock(FlowHead, found)
    head.retired = command.retired
    work.record(command.action, "flow", head)
    return Receipt("flow", head.id, head.flow, 0)


# What other services take ---------------------------------------------------------------------------------------------


def compiled_version(session: OrmSession, version_id: UUID) -> tuple[Any, CompiledFlow]:
    """A published version's row and the flow ready to run. Raises NotFound."""
    row = session.execute(select(table(FlowVersion)).where(_v.id == version_id)).first()
    if row is None:
        raise NotFound(N_("That version of the flow is not published here."))
    return row, compiled_of(row.hash, row.content)


def compiled_of(hash_: str, content: Mapping[str, Any]) -> CompiledFlow:
    """A version ready to run; versions never change, so each is compiled once."""
    if hash_ not in _kept:
        if len(_kept) >= _KEEP:
            _kept.clear()
        _kept[hash_] = compile_flow(from_data(content))
    return _kept[hash_]


def not_published(session: OrmSession, flow: str) -> NotFound:
    """The error for a flow that the desk does not have, with the name most like it."""
    word = nearest(flow, session.execute(select(_h.flow)).scalars())
    hint = N_("Did you mean “{word}”?") if word else ""
    return NotFound(N_("No flow {flow} is published."), hint=hint, flow=flow, word=word)


def is_red(flow: Flow) -> bool:
    """Whether an outcome of the flow is red."""
    return any(outcome.grade is Grade.RED for outcome in flow.outcomes)


def _judged(data: Mapping[str, Any]) -> CompiledFlow:
    """The flow of plain data, judged as its file is: every path walked, its own tests run."""
    try:
        FlowDoc.model_validate(data)
    except ValidationError as trouble:
        wrong = trouble.errors(include_url=False)[0]
        place = ".".join(str(part) for part in wrong["loc"])
        raise Invalid(N_("This is no flow: {problem}."), problem=f"{place}: {wrong['msg']}") from trouble
    flow = from_data(data)
    findings = [f for f in lint(flow).findings if f.severity is Severity.ERROR]
    if findings:
        raise FlowInvalid(flow.id, findings)
    compiled = compile_flow(flow)
    failed = [result.name for case in flow.tests if not (result := run_case(compiled, case)).passed]
    if failed:
        raise Invalid(
            N_("A test of {flow} fails: {test}."), hint=N_("Run deskapp flow test."), flow=flow.id, test=failed[0]
        )
    return compiled


def _publish(work: Work, compiled: CompiledFlow, version_id: UUID, *, shipped: bool) -> FlowVersion:
    flow = compiled.flow
    same = work.session.execute(
        select(_v.release, _v.hash).where(_v.flow == flow.id, (_v.release == flow.version) | (_v.hash == compiled.hash))
    ).first()
    if same is not None and same.hash == compiled.hash:
        raise Conflict(
            N_("This content of {flow} is published already, as version {version}."),
            flow=flow.id, version=same.release,
        )  # fmt: skip
    if same is not None:
        raise Conflict(
            N_("{flow} {version} is published with another content, and a published version never changes."),
            hint=N_("Raise the version in the file."), flow=flow.id, version=flow.version,
        )  # fmt: skip
    version = FlowVersion(
        id=version_id, flow=flow.id, release=flow.version, hash=compiled.hash, title_zh=flow.title.zh,
        title_en=flow.title.en, red=is_red(flow), content=to_data(flow), shipped=shipped,
        published_by=None if shipped else work.actor.id, published_at=work.now,
    )  # fmt: skip
    work.add(version)
    found = work.session.execute(select(_h.id).where(_h.flow == flow.id)).scalar()
    if found is None:
        work.add(FlowHead(flow=flow.id, version_id=version.id))
    else:
        head = work.lock(FlowHead, found)
        head.version_id, head.retired = version.id, False
    return version


def _signed_by_another(work: Work, flow: str, hash_: str) -> bool:
    condition = (_s.flow == flow) & (_s.hash == hash_) & (_s.signed_by != work.actor.id)
    return work.session.execute(select(_s.id).where(condition)).first() is not None


def _signers(session: OrmSession, hashes: Iterable[str]) -> dict[str, str]:
    a = table(Agent).c
    found = session.execute(
        select(_s.hash, a.name)
        .join_from(table(FlowSignOff), table(Agent), _s.signed_by == a.id)
        .where(_s.hash.in_(list(hashes)))
        .order_by(_s.signed_at)
    )
    return {hash_: name for hash_, name in found}


def _line(row: Any, signed: Mapping[str, str], retired: bool, last_used: datetime | None) -> FlowLine:
    synonyms = row.content.get("synonyms", {})
    title = Text(row.title_zh, row.title_en)
    words = (title.zh, title.en, *synonyms.get("zh", ()), *synonyms.get("en", ()), row.flow.replace("-", " "))
    return FlowLine(
        row.id, row.flow, row.release, row.hash, title, str(row.content.get("product", "")), row.red,
        (*words, *pinyin_of((title.zh, *synonyms.get("zh", ())))), signed.get(row.hash, ""), row.shipped, retired,
        row.published_at, last_used,
    )  # fmt: skip


__all__ = ["add_shipped", "compiled_of", "compiled_version", "is_red", "not_published"]
