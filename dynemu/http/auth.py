"""Signature shape checks: every form that SDKs send is accepted, whatever its key and signature say.

A request without authentication material, or with parts of it missing, is refused in AWS's words.
"""

from typing import TypeAlias

from dynemu.errors import (
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
)

Caller: TypeAlias = tuple[str, str]
"""Region and key id."""

_HEADER_PARTS = ("Credential", "Signature", "SignedHeaders")
_QUERY_PARTS = ("Algorithm", "Credential", "Signature", "SignedHeaders", "Date")
_KEPT_CREDENTIALS = 1024
_LONGEST_KEPT = 256
_SIGNED_HEADERS = b", SignedHeaders="


class Authenticator:
    """Checks authentication material and tells the region and key it names; remembers recent credentials."""

    def __init__(self, default_region: str) -> None:
        self.default_region = default_region
        self._callers: dict[bytes, Caller] = {}
        self._latest = b""
        """What the last header of the usual form began with, its signed headers and signature left out."""
        self._caller_of_latest: Caller = ("", "")

    def check(self, authorization: bytes | None, has_date: bool, query: bytes) -> Caller:
        """Return the region that the request is signed for, and the id of the key that signed it.

        *query* is the raw text after ``?``. Raises: MissingAuthenticationTokenException,
        IncompleteSignatureException, InvalidSignatureException.
        """
        if authorization is not None and has_date and not query:
            # PERF: the form that every SDK sends, without a dictionary of its parts (docs/adr/0005-http.md).
            if not self._latest or not authorization.startswith(self._latest):
                credential = authorization.partition(_SIGNED_HEADERS)[0]
                caller = self._callers.get(credential)
                if caller is None:
                    return self._check_slowly(authorization, has_date, query)
                self._latest = credential + _SIGNED_HEADERS
                self._caller_of_latest = caller
            if authorization.find(b", Signature=", len(self._latest) + 1) > 0:
                if not authorization.endswith(b"="):
                    return self._caller_of_latest
        return self._check_slowly(authorization, has_date, query)

    def _check_slowly(self, authorization: bytes | None, has_date: bool, query: bytes) -> Caller:
        parameters = _query_parameters(query)
        if not authorization:
            if not parameters:
                raise MissingAuthenticationTokenException("Request is missing Authentication Token")
            return self._check_query(parameters)
        if "Algorithm" in parameters:
            raise InvalidSignatureException(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
            )
        return self._check_header(authorization, has_date)

    def _check_header(self, authorization: bytes, has_date: bool) -> Caller:
        text = authorization.decode("latin-1").strip()
        if not text.startswith("AWS4-"):
            raise MissingAuthenticationTokenException("Request is missing Authentication Token")
        parts = _header_parts(text)
        missing = [part for part in _HEADER_PARTS if not parts.get(part)]
        problems = [f"Authorization header requires '{part}' parameter." for part in missing]
        if not has_date:
            problems.append(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
            )
        if problems:
            raise IncompleteSignatureException(f"{' '.join(problems)} Authorization={text}")
        caller = self._caller(parts["Credential"])
        credential, found, _ = authorization.partition(_SIGNED_HEADERS)
        if found:
            self._keep(credential, caller)
        return caller

    def _keep(self, credential: bytes, caller: Caller) -> None:
        if len(credential) > _LONGEST_KEPT:
            return
        if len(self._callers) >= _KEPT_CREDENTIALS:
            self._callers.clear()
        self._callers[credential] = caller

    def _check_query(self, parameters: dict[str, str]) -> Caller:
        missing = [part for part in _QUERY_PARTS if not parameters.get(part)]
        if missing:
            sentences = [f"AWS query-string parameters must include 'X-Amz-{part}'." for part in missing]
            sentences.append("Re-examine the query-string parameters.")
            raise IncompleteSignatureException(" ".join(sentences))
        return self._caller(parameters["Credential"])

    def _caller(self, credential: str) -> Caller:
        """Return region and key id of ``KEY/DATE/REGION/SERVICE/aws4_request``; SigV4A leaves REGION out."""
        # NOTE: a key id may hold slashes, so the scope is counted from its end.
        scope = credential.rstrip("/").rsplit("/", 4)
        has_region = len(scope) == 5 and scope[2] and not scope[2].isdigit()
        return (scope[2] if has_region else self.default_region), scope[0]


def _header_parts(text: str) -> dict[str, str]:
    """Return ``{"Credential": …}`` of an Authorization header; parts are separated by commas or blanks."""
    parts: dict[str, str] = {}
    for word in text.replace(",", " ").split()[1:]:
        name, _, value = word.partition("=")
        parts.setdefault(name, value)
    return parts


def _query_parameters(query: bytes) -> dict[str, str]:
    """Return the ``X-Amz-…`` parameters of a query string that authentication uses, without the prefix."""
    if b"X-Amz-" not in query:
        return {}
    from urllib.parse import parse_qsl  # noqa: PLC0415 - costs 2 ms at start, and presigned requests are rare

    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    names = {f"X-Amz-{part}": part for part in _QUERY_PARTS}
    return {names[name]: value for name, value in pairs if name in names}
