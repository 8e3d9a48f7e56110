"""What can go wrong here, each with a code for programs and a sentence for people; the gateway makes answers of it."""

from __future__ import annotations


class ConversationsError(Exception):
    """Base. `code` is stable; str() is fit to show to a person."""

    code = "error"


class NotFoundError(ConversationsError):
    """There is no such thing, or it isn't for the asker to know of."""

    code = "not_found"


class ForbiddenError(ConversationsError):
    """The asker may know of it but not do this."""

    code = "forbidden"


class ConflictError(ConversationsError):
    """It exists already, or is over."""

    code = "conflict"


class EmailTakenError(ConflictError):
    """Somebody has an account with this e-mail address."""

    code = "email_taken"


class InvalidError(ConversationsError):
    """The values can't be used."""

    code = "bad_request"


class TermsRequiredError(InvalidError):
    """Without consent there is no account."""

    code = "terms_required"


class BadCredentialsError(ConversationsError):
    """E-mail and password don't belong together."""

    code = "bad_credentials"


class SignUpClosedError(ConversationsError):
    """This server takes no new accounts."""

    code = "sign_up_closed"


class ThrottledError(ConversationsError):
    """Too many attempts. retry_after in seconds."""

    code = "rate_limited"

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
