"""``POST /api/v1/messages``: one message in, its receipt out."""

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Schema, Status
from ninja.security import HttpBearer

from afterdose.ingest.mllp import judge
from afterdose.record.errors import AfterdoseError, ProtocolError
from afterdose.web.accounts.models import Token
from afterdose.web.accounts.tokens import token_of
from afterdose.web.audit.actor import acting
from afterdose.web.clinic.arrivals import name_of, take_message


class _ByToken(HttpBearer):
    """``Authorization: Bearer TOKEN``, with the token of a feed."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        """The feed's token, or None: then the answer is 401."""
        return token_of(token)


class Receipt(Schema):
    """What became of a message.

    ``acknowledgement`` is AA: kept and read; AE: kept, and something in it was set aside, or
    nothing in it is of a person. Rows = accepted + duplicates + set aside; ``set_aside`` counts
    rows by reason, ``passed_over`` what is neither a person nor a result.
    """

    acknowledgement: str
    sha256: str
    form: str
    rows: int
    accepted: int
    duplicates: int
    set_aside: dict[str, int]
    passed_over: dict[str, int]
    already_landed: bool
    notes: list[str]


class Refusal(Schema):
    """Why a message was not taken: what was seen, what is permitted, what to do next."""

    acknowledgement: str = "AR"
    detail: str


api = NinjaAPI(title="Afterdose", version="1", docs_url=None, openapi_url=None, auth=_ByToken())


@api.post("messages", response={201: Receipt, 422: Refusal, 503: Refusal}, url_name="messages")
def messages(request: HttpRequest) -> Any:
    """Take one message: HL7 v2 (ORU, OUL), or FHIR as JSON.

    Once this answers 201 the message is kept, its results are in the record and on the worklist.
    The same message again changes nothing.
    """
    token: Token = request.auth  # type: ignore[attr-defined]
    if not request.body.strip():
        return _refused("The message is empty. Permitted: HL7 v2, or FHIR as JSON. Send it again.")
    if name_of(request.body).endswith(".hl7"):
        verdict = judge(request.body)
        if verdict.code == "AR":
            return _refused(f"The message is refused: {verdict.text}. Permitted: ORU and OUL.")
    try:
        with acting(f"feed:{token.pk}"):
            arrival = take_message(token.team, request.body, feed=token.feed)
    except ProtocolError:
        # Not the message's fault: its sender keeps it, and sends it again.
        return Status(
            503,
            {
                "detail": "What this team monitors by cannot be read, so nothing was taken. Tell "
                "the team's administrator, and send the message again later."
            },
        )
    except AfterdoseError as error:
        return _refused(str(error))
    said = arrival.receipt
    if said["refused"]:
        return _refused(said["refused"])
    is_clean = said["rows"] and not said["set_aside"]
    return Status(201, {"acknowledgement": "AA" if is_clean else "AE", **said})


def _refused(detail: str) -> Any:
    return Status(422, {"detail": detail})


def _patterns() -> list[Any]:
    """Its addresses: a feed has a token and no session, so signing in asks it nothing."""
    found = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in found:
        pattern.callback.login_required = False
    return found


urlpatterns = _patterns()
