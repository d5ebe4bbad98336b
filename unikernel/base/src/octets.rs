//! The loops over octets that the role asks for by words: hashes, and what is looked at octet by octet.

use alloc::string::String;
use sha2::digest::generic_array::GenericArray;
use sha2::{Digest, Sha256, compress256};

/// A part of octets by two positions, cut to what is there.
pub fn part(octets: &[u8], start: i64, end: i64) -> &[u8] {
    let cut = |at: i64| at.clamp(0, octets.len() as i64) as usize;
    octets.get(cut(start)..cut(end)).unwrap_or(&[])
}

/// One character an octet.
pub fn latin1(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}

/// Where the needle begins at or behind a position.
pub fn find(octets: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let mut at = from;
    while let Some(found) = octets.get(at..)?.iter().position(|octet| octet == first) {
        at += found + 1;
        if octets[at..].starts_with(rest) {
            return Some(at - 1);
        }
    }
    None
}

/// Where the lines end that are like most: with CRLF, without another CR or LF, not too long, not begun by a dot.
pub fn plain_lines(octets: &[u8], start: usize, octets_max: usize) -> usize {
    let mut begin = start;
    while let Some(rest) = octets.get(begin..) {
        let Some(length) = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n')) else { break };
        if !rest[length..].starts_with(b"\r\n") || length > octets_max || rest[0] == b'.' {
            break;
        }
        begin += length + 2;
    }
    begin
}

/// The first octet from a position on that the relaxed form of a body does not keep, or that the end leaves open. RFC 6376 3.4.4
pub fn blank_change(octets: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) = octets.get(at..).and_then(|rest| rest.iter().position(|octet| matches!(octet, b' ' | b'\t'))) {
        at += found;
        if octets[at] == b'\t' || matches!(octets.get(at + 1), None | Some(b' ' | b'\t' | b'\r')) {
            return at;
        }
        at += 1;
    }
    octets.len()
}

pub fn hmac(key: &[u8], octets: &[u8]) -> [u8; 32] {
    // RFC 2104: a key longer than a block is hashed before.
    let mut block = [0; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key))
    } else {
        block[..key.len()].copy_from_slice(key)
    }
    let inner = Sha256::new().chain_update(block.map(|octet| octet ^ 0x36)).chain_update(octets).finalize();
    Sha256::new().chain_update(block.map(|octet| octet ^ 0x5c)).chain_update(inner).finalize().into()
}

/// SHA-256 of octets that come in pieces. Its state is octets of the role, so that a hash that is left alone costs nothing here.
pub struct Hashing {
    words: [u32; 8],
    octets: u64,
    block: [u8; 64],
}

const INITIAL: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

impl Hashing {
    /// Of the words, the count of octets, and the block that is not full.
    pub const OCTETS: usize = 32 + 8 + 64;

    pub fn new() -> Self {
        Self { words: INITIAL, octets: 0, block: [0; 64] }
    }

    /// None where that is no state.
    pub fn read(state: &[u8]) -> Option<Self> {
        let (words, rest) = state.split_at_checked(32)?;
        let (octets, block) = rest.split_at_checked(8)?;
        let mut read = Self { words: [0; 8], octets: u64::from_le_bytes(octets.try_into().ok()?), block: block.try_into().ok()? };
        for (word, from) in read.words.iter_mut().zip(words.chunks_exact(4)) {
            *word = u32::from_le_bytes(from.try_into().ok()?);
        }
        Some(read)
    }

    pub fn write(&self) -> [u8; Self::OCTETS] {
        let mut state = [0; Self::OCTETS];
        for (to, word) in state.chunks_exact_mut(4).zip(self.words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        state[32..40].copy_from_slice(&self.octets.to_le_bytes());
        state[40..].copy_from_slice(&self.block);
        state
    }

    pub fn update(&mut self, octets: &[u8]) {
        let held = (self.octets % 64) as usize;
        self.octets += octets.len() as u64;
        let (head, rest) = octets.split_at(octets.len().min(64 - held));
        self.block[held..held + head.len()].copy_from_slice(head);
        if held + head.len() < 64 {
            return;
        }
        compress256(&mut self.words, &[GenericArray::from(self.block)]);
        let whole = rest.chunks_exact(64);
        self.block[..whole.remainder().len()].copy_from_slice(whole.remainder());
        for block in whole {
            compress256(&mut self.words, core::slice::from_ref(GenericArray::from_slice(block)));
        }
    }

    /// FIPS 180-4 5.1.1: a bit, zeros, and the number of bits fill the last block.
    pub fn digest(mut self) -> [u8; 32] {
        let bits = self.octets * 8;
        let mut padding = [0; 72];
        padding[0] = 0x80;
        let zeros = 1 + (119 - (self.octets % 64) as usize) % 64;
        padding[zeros..zeros + 8].copy_from_slice(&bits.to_be_bytes());
        self.update(&padding[..zeros + 8]);
        let mut digest = [0; 32];
        for (to, word) in digest.chunks_exact_mut(4).zip(self.words) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }
}
