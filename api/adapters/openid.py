"""The login provider's token endpoint, for this node's own pages (OpenID Connect Core 1.0, 3.1.3; authlib speaks it).

The page makes PKCE verifier, state and nonce; here is only what a page cannot keep: the client's secret. What comes
back is given to the page as it is: an ID token is judged where it signs something (`authz.idtokens`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey
from requests import RequestException

from api.errors import LoginRefusedError, LoginUnavailableError

PRIVATE_KEY: Final = "private_key_jwt"
METHODS: Final = ("client_secret_basic", "client_secret_post", PRIVATE_KEY, "none")
_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class LoginClient:
    """This node as a client of one provider.

    Attributes:
        client_id: the `audience` of its ID tokens.
        method: how the client proves itself, one of `METHODS`.
        secret: the client's secret, or of `private_key_jwt` its P-256 key as PEM; None for `none`.
    """

    issuer: str
    client_id: str
    authorization_endpoint: str
    token_endpoint: str
    method: str
    secret: str | None = field(repr=False)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> str:
        """The ID token for a code. Called outside any unit.

        Args:
            verifier: of PKCE (RFC 7636).

        Raises:
            LoginRefusedError: the provider refused the code, or gave no ID token.
            LoginUnavailableError: it cannot be asked, or its answer is none.
        """
        session = OAuth2Session(self.client_id, self.secret, token_endpoint_auth_method=self.method)
        session.trust_env = False
        if self.method == PRIVATE_KEY:
            session.client_secret = ECKey.import_key(self.secret or "")
            session.register_client_auth_method(PrivateKeyJWT(self.token_endpoint, alg="ES256"))
        try:
            answer = session.fetch_token(
                self.token_endpoint,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=verifier,
                timeout=_SECONDS,
                allow_redirects=False,
            )
        except AuthlibBaseError as error:
            raise LoginRefusedError from error
        except (RequestException, ValueError) as error:
            raise LoginUnavailableError from error
        finally:
            session.close()
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LoginRefusedError
        return token
