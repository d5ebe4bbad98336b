//! Who we are in TLS, and whom we believe: rustls with the primitives of ring.

use crate::memory::HEAP;
use crate::{boot_file, time};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU8, Ordering};
use core::time::Duration;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{UnbufferedClientConnection, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::UnbufferedServerConnection;
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig, SignatureScheme};

/// What is known of a peer's certificate.
pub mod verdict {
    pub const UNVERIFIED: u8 = 0;
    pub const VERIFIED: u8 = 1;
    pub const EXPIRED: u8 = 2;
    pub const HOST: u8 = 3;
    pub const UNTRUSTED: u8 = 4;
}

#[derive(Debug)]
struct WallClock;

impl TimeProvider for WallClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(time::wall_ms())))
    }
}

/// What TLS needs of this machine, set at boot.
pub struct Identity {
    provider: Arc<CryptoProvider>,
    server: Option<Arc<ServerConfig>>,
    known: Option<Arc<WebPkiServerVerifier>>,
}

impl Identity {
    pub fn new() -> Self {
        Self { provider: Arc::new(ring::default_provider()), server: None, known: None }
    }

    /// Takes certificate chain and key out of the boot file. The error says what is wrong with them.
    pub fn load_server(&mut self) -> Result<(), String> {
        let chain = boot_file::take("certificate", certificates).ok_or("part certificate: missing")??;
        // What is decoded on the way to the key is wiped when it is given back.
        let config = HEAP.wiping(|| {
            let key = boot_file::take("key", PrivateKeyDer::from_pem_slice).ok_or("part key: missing")?;
            let key = key.map_err(|error| format!("part key: {error}, allowed is a private key in PEM"))?;
            let builder = ServerConfig::builder_with_details(self.provider.clone(), Arc::new(WallClock));
            let builder = builder.with_safe_default_protocol_versions().map_err(text)?.with_no_client_auth();
            builder.with_single_cert(chain, key).map_err(|error| format!("parts certificate and key: {error}"))
        });
        let mut config = config?;
        // Nobody comes back often enough for it to be worth a secret that lives on.
        config.send_tls13_tickets = 0;
        self.server = Some(Arc::new(config));
        Ok(())
    }

    /// Takes the authorities to believe out of the boot file.
    pub fn load_trust(&mut self) -> Result<(), String> {
        let all = boot_file::take("trust", certificates).ok_or("part trust: missing")??;
        let mut roots = RootCertStore::empty();
        for each in all {
            roots.add(each).map_err(|error| format!("part trust: {error}"))?;
        }
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone());
        self.known = Some(builder.build().map_err(|error| format!("part trust: {error}"))?);
        Ok(())
    }

    pub fn server(&self) -> Option<UnbufferedServerConnection> {
        UnbufferedServerConnection::new(self.server.clone()?).ok()
    }

    /// A client's connection, and where the verdict on the server's certificate will stand. With `required` only one that is verified will do.
    pub fn client(&self, name: &str, required: bool) -> Option<(UnbufferedClientConnection, Arc<AtomicU8>)> {
        let verdict = Arc::new(AtomicU8::new(verdict::UNVERIFIED));
        let judge = Judge { provider: self.provider.clone(), known: self.known.clone(), required, verdict: verdict.clone() };
        let builder = ClientConfig::builder_with_details(self.provider.clone(), Arc::new(WallClock));
        let builder = builder.with_safe_default_protocol_versions().ok()?.dangerous();
        let config = builder.with_custom_certificate_verifier(Arc::new(judge)).with_no_client_auth();
        let name = ServerName::try_from(name.to_string()).ok()?;
        Some((UnbufferedClientConnection::new(Arc::new(config), name).ok()?, verdict))
    }
}

fn text(error: Error) -> String {
    error.to_string()
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => Err("a part with certificates: allowed is one or more in PEM".into()),
    }
}

/// Looks at a server's certificate, keeps what it found, and lets everything pass where nothing is required: against a listener that does
/// not interfere, encryption without a name is better than none. RFC 7435
#[derive(Debug)]
struct Judge {
    provider: Arc<CryptoProvider>,
    known: Option<Arc<WebPkiServerVerifier>>,
    required: bool,
    verdict: Arc<AtomicU8>,
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = || Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        let found = self.known.as_ref().map_or_else(unknown, |known| known.verify_server_cert(own, chain, name, ocsp, now));
        let verdict = match &found {
            Ok(_) => verdict::VERIFIED,
            Err(Error::InvalidCertificate(error)) => grade(error),
            Err(_) => verdict::UNTRUSTED,
        };
        self.verdict.store(verdict, Ordering::Relaxed);
        if self.required { found } else { Ok(ServerCertVerified::assertion()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, own, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, own, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn grade(error: &CertificateError) -> u8 {
    match error {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => verdict::EXPIRED,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => verdict::HOST,
        _ => verdict::UNTRUSTED,
    }
}
