"""A contact centre is set up: its adapter, its secret, where it calls us."""

from uuid import UUID

from intake.domain.forms import SourceForm
from intake.office import Office
from intake.push.adapters import ADAPTERS
from intake.queries import sources
from intake.tables import PushSourceRow
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, require_version


async def set_up_source(work: UnitOfWork, *, form: SourceForm, office: Office) -> PushSourceRow:
    """A new source. Refuses an adapter that nobody knows, and a name that is taken."""
    if form.adapter not in ADAPTERS:
        known = ", ".join(sorted(ADAPTERS))
        raise Refusal("unknown_adapter", detail=f"There is no adapter {form.adapter}.", expected=f"one of {known}")
    if await sources.by_name(work.session, name=form.name) is not None:
        raise IllegalTransition(
            "source_exists", detail="A push source has this name.", expected="another name, or a change of that source"
        )
    source_id = work.new_id()
    source = PushSourceRow(
        id=source_id,
        name=form.name,
        adapter=form.adapter,
        secret=office.seal(form.secret, place="push_source.secret", row=source_id),
        public_base=form.public_base,
        country=form.country,
        networks=list(form.networks),
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(source)
    await work.session.flush()
    await office.audit.record(work, action="source_set_up", subject=f"push_source/{source_id}")
    return source


async def change_source(
    work: UnitOfWork,
    *,
    source_id: UUID,
    version: int | None,
    public_base: str,
    country: str,
    networks: tuple[str, ...],
    office: Office,
) -> PushSourceRow:
    """Where the source calls us, whose dialling rules it follows and from which networks it may push."""
    source = await sources.lock(work.session, source_id=source_id)
    require_version(source.version, expected=version)
    source.public_base = public_base
    source.country = country
    source.networks = list(networks)
    source.version += 1
    await office.audit.record(
        work,
        action="source_changed",
        subject=f"push_source/{source_id}",
        details={"public_base": public_base, "country": country, "networks": " ".join(networks)},
    )
    return source


async def rotate_secret(
    work: UnitOfWork, *, source_id: UUID, version: int | None, secret: str, office: Office
) -> PushSourceRow:
    """A new secret; the one before stays good until the next rotation, so that the vendor can be changed over."""
    source = await sources.lock(work.session, source_id=source_id)
    require_version(source.version, expected=version)
    source.previous_secret = office.seal(
        office.open(source.secret, place="push_source.secret", row=source_id),
        place="push_source.previous_secret",
        row=source_id,
    )
    source.secret = office.seal(secret, place="push_source.secret", row=source_id)
    source.version += 1
    await office.audit.record(work, action="secret_rotated", subject=f"push_source/{source_id}")
    return source


def secrets_of(source: PushSourceRow, *, office: Office) -> tuple[str, ...]:
    """The active secrets, the newest first."""
    newest = office.open(source.secret, place="push_source.secret", row=source.id)
    if source.previous_secret is None:
        return (newest,)
    return (newest, office.open(source.previous_secret, place="push_source.previous_secret", row=source.id))
