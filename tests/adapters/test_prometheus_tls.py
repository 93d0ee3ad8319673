"""TLS with certificates on both sides, between the client and a real Prometheus."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from costspike.domain.errors import UpstreamError
from tests.prometheus_server import prometheus_server

WEB = """\
tls_server_config:
  cert_file: {0}/server.crt
  key_file: {0}/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: {0}/ca.crt
"""


def certificate(
    folder: Path, name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None
):
    """Write a certificate and its key; without an issuer it is an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer[1] if issuer else key).public_key()),
            critical=False,
        )
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / f"{name}.crt").write_bytes(made.public_bytes(pem))
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(plain)
    return made, key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    authority = certificate(tmp_path, "ca")
    for name in ("server", "client"):
        certificate(tmp_path, name, authority)
    certificate(tmp_path, "stranger")
    return tmp_path


def test_both_sides_show_a_certificate(folder: Path) -> None:
    own = {"ca_bundle": f"{folder}/ca.crt", "cert": f"{folder}/client.crt", "key": f"{folder}/client.key"}
    with prometheus_server(web_config=WEB.format(folder), tls=own) as server:
        with server.client(extra=own) as client:
            assert client.query("vector(1)", 0)
        for wrong in ({"cert": "", "key": ""}, {"ca_bundle": f"{folder}/stranger.crt"}, {"ca_bundle": ""}):
            with (
                server.client(extra=own | wrong) as client,
                pytest.raises(UpstreamError, match="cannot be reached"),
            ):
                client.query("vector(1)", 0)


def test_a_file_that_is_not_there_is_named_by_its_field(folder: Path) -> None:
    from costspike.adapters.prometheus.endpoint import endpoint, http_client

    where = endpoint("prom", host="https://127.0.0.1", extra={"ca_bundle": str(folder / "none")})
    with pytest.raises(UpstreamError, match="ca_bundle"):
        http_client(where, timeout_seconds=1)
