"""What the engine's secret is used for: access tokens, links in mails, keyed hashes, field encryption, webhook keys."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any

import jwt
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, URLSafeSerializer


class BadToken(Exception):
    """The text is not a token that this engine has signed."""


class Keys:
    """All keys are derived from the secret. Older secrets (later lines of secret.key) still decrypt, and sign nothing.

    Links in mails outlive the secret that signed them: older secrets are still good to read those.
    """

    def __init__(self, secret_lines: list[str]) -> None:
        self._secret = secret_lines[0]
        self._token_key = self.derive("access token")
        self._link_keys = [_derive(line, "links in mails") for line in reversed(secret_lines)]  # the last one signs
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(line, "field encryption"))) for line in secret_lines])

    def sign_link(self, purpose: str, *says: str) -> str:
        """A token for a link in a mail, good for one purpose and for ever: whoever holds it may do that."""
        return self._links(purpose).dumps(says)

    def read_link(self, purpose: str, token: str) -> list[str]:
        """What a link's token says; BadToken when it was not signed for this purpose."""
        try:
            says: list[str] = self._links(purpose).loads(token)
        except BadSignature as error:
            raise BadToken from error
        return says

    def _links(self, purpose: str) -> URLSafeSerializer:
        signing = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeSerializer(self._link_keys, salt=f"link: {purpose}", signer_kwargs=signing)

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only this engine knows, different for each purpose."""
        return _derive(self._secret, purpose)

    def sign_token(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._token_key, algorithm="HS256")

    def read_token(self, token: str) -> dict[str, Any]:
        """The claims of a token we signed; BadToken otherwise. Its expiry is compared by the caller, on the engine's clock."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._token_key,
                algorithms=["HS256"],
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "userId"]},
            )
        except jwt.InvalidTokenError as error:
            raise BadToken from error
        return claims

    def hash(self, purpose: str, text: str) -> str:
        """A keyed hash, to find a row by a value that is not stored in the clear."""
        return hmac.new(self.derive(f"hash of {purpose}"), text.encode(), hashlib.sha256).hexdigest()

    def same(self, given: str, expected: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(given.encode(), expected.encode())

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        return self._fernet.decrypt(text.encode()).decode()


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=b"ivy engine", info=purpose.encode()).derive(secret.encode())


def load_keys(configured: str, folder: Path) -> Keys:
    """Keys from `security.secret`, else from secret.key in the data folder, which the first run creates (0600)."""
    file = folder / "secret.key"
    if configured:
        return Keys([configured])
    if not file.exists():
        _create(file)
    lines = [line.strip() for line in file.read_text("ascii").splitlines() if line.strip()]
    if not lines or any(len(line) < 32 for line in lines):
        raise ValueError(f"{file} must hold secrets of at least 32 characters, one a line, the newest first")
    return Keys(lines)


def _create(file: Path) -> None:
    """Written beside and renamed, so that a kill in between never leaves half a secret."""
    beside = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(48) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(beside, file)
    except FileExistsError:
        pass  # another process was first: its secret is the one
    finally:
        beside.unlink()
