//! The key that signs, and the secret by which callers prove themselves. The role knows neither: it asks for what is made with them.

use crate::boot_file;
use crate::memory::HEAP;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

/// A shared secret with less could be guessed.
const SECRET_OCTETS_MIN: usize = 32;

enum Key {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

pub struct Signer {
    key: Key,
    /// Of what callers say, and of what they are answered.
    proofs: [hmac::Key; 2],
}

impl Signer {
    /// Takes the parts `key` and `secret` out of the boot file; the error says what is wrong with them.
    pub fn load() -> Result<Self, String> {
        // What is decoded on the way to the key is wiped when it is given back.
        let key = HEAP.wiping(|| boot_file::take("key", read_key)).ok_or("part key: missing")?;
        let key = key.ok_or("part key: allowed is a private key in PEM, RSA of 2048 to 4096 bits or Ed25519")?;
        let proofs = boot_file::take("secret", |secret| {
            // The line end that editors put there is not of it.
            let secret = secret.trim_ascii_end();
            let whole = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let of = |label: &str| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&whole, label.as_bytes()).as_ref());
            (secret.len() >= SECRET_OCTETS_MIN).then(|| [of("scop-sign caller"), of("scop-sign signer")])
        });
        let proofs = proofs.ok_or("part secret: missing")?;
        let proofs = proofs.ok_or(format!("part secret: allowed are {SECRET_OCTETS_MIN} octets or more"))?;
        Ok(Self { key, proofs })
    }

    /// `rsa` or `ed25519`, and the octets of a signature.
    pub fn kind(&self) -> String {
        match &self.key {
            Key::Rsa(key) => format!("rsa {}", key.public().modulus_len()),
            Key::Ed25519(_) => "ed25519 64".into(),
        }
    }

    /// The signature of what is to be signed, which is hashed here. RFC 6376 3.3.1, RFC 8463 3
    pub fn sign(&self, octets: &[u8]) -> Option<Vec<u8>> {
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), octets, &mut signature).ok()?;
                Some(signature)
            }
            Key::Ed25519(key) => Some(key.sign(&Sha256::digest(octets)).as_ref().to_vec()),
        }
    }

    /// HMAC-SHA-256 of what is answered.
    pub fn prove(&self, octets: &[u8]) -> Vec<u8> {
        hmac::sign(&self.proofs[1], octets).as_ref().to_vec()
    }

    /// Whether that is the HMAC-SHA-256 of what a caller says. In constant time.
    pub fn is_proven(&self, octets: &[u8], proof: &[u8]) -> bool {
        hmac::verify(&self.proofs[0], octets, proof).is_ok()
    }
}

fn read_key(pem: &[u8]) -> Option<Key> {
    let key = match PrivateKeyDer::from_pem_slice(pem).ok()? {
        PrivateKeyDer::Pkcs8(der) => {
            let der = der.secret_pkcs8_der();
            if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
                return Some(Key::Ed25519(key));
            }
            RsaKeyPair::from_pkcs8(der).ok()?
        }
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()).ok()?,
        _ => return None,
    };
    Some(Key::Rsa(key))
}
