//! Public keys of mail, and whether they signed something: by ring.

use ring::signature::{ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents, UnparsedPublicKey};

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
/// The object identifier of RSA; behind it stands a null, which some leave out. RFC 8017 A.1
const RSA_IDENTIFIER: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const NULL: [u8; 2] = [5, 0];
const ED25519_OCTETS: usize = 32;
/// With a smaller one a signature proves nothing. RFC 8017 3.1
const EXPONENT_MIN: u8 = 3;

/// The kinds of keys, as the role numbers them.
const RSA: i64 = 0;

/// An element of DER with this tag: what is in it, and what follows. None where there is none.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    if *length < 0x80 {
        return rest.split_at_checked(usize::from(*length));
    }
    let (octets, rest) = rest.split_at_checked(usize::from(*length & 0x7f))?;
    // Shorter is how it has to be written, and a longer one is no key.
    if octets.len() > 2 || octets.first()? == &0 {
        return None;
    }
    let length = octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
    if length < 0x80 { None } else { rest.split_at_checked(length) }
}

/// A number above 0, without what only says that it is.
fn positive(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (octets, rest) = element(der, INTEGER)?;
    match octets {
        [0, more @ ..] if more.first().is_some_and(|octet| *octet >= 0x80) => Some((more, rest)),
        [first, ..] if (1..0x80).contains(first) => Some((octets, rest)),
        _ => None,
    }
}

/// Modulus and exponent of an RSAPublicKey, or of the SubjectPublicKeyInfo around one. RFC 8017 A.1.1, RFC 5280 4.1
fn rsa_parts(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut body, []) = element(der, SEQUENCE)? else { return None };
    if let Some((algorithm, rest)) = element(body, SEQUENCE) {
        let parameters = algorithm.strip_prefix(&RSA_IDENTIFIER)?;
        if !parameters.is_empty() && parameters != NULL {
            return None;
        }
        let ([0, key @ ..], []) = element(rest, BIT_STRING)? else { return None };
        let (inner, []) = element(key, SEQUENCE)? else { return None };
        body = inner;
    }
    let (modulus, rest) = positive(body)?;
    let (exponent, []) = positive(rest)? else { return None };
    (exponent.len() > 1 || exponent[0] >= EXPONENT_MIN).then_some((modulus, exponent))
}

/// The size of a key in bits; 0 where the octets are none.
pub fn key_bits(kind: i64, octets: &[u8]) -> usize {
    if kind != RSA {
        return if octets.len() == ED25519_OCTETS { 256 } else { 0 };
    }
    rsa_parts(octets).map_or(0, |(modulus, _)| modulus.len() * 8 - modulus[0].leading_zeros() as usize)
}

/// Whether the signature is that of these octets.
pub fn verifies(kind: i64, key: &[u8], signed: &[u8], signature: &[u8]) -> bool {
    if kind != RSA {
        return UnparsedPublicKey::new(&ED25519, key).verify(signed, signature).is_ok();
    }
    let Some((n, e)) = rsa_parts(key) else { return false };
    RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, signed, signature).is_ok()
}
