//! In the place of TLS where a role has none: a connection that can't be made.

use alloc::string::String;
use alloc::vec::Vec;
use smoltcp::socket::tcp::Socket;

#[derive(PartialEq)]
#[allow(dead_code, reason = "compared with, by who asks a connection under TLS")]
pub enum Phase {
    Handshake,
    Open,
    Ended,
    Failed,
}

pub enum Tls {}

impl Tls {
    pub fn phase(&self) -> Phase {
        match *self {}
    }

    pub fn readable(&self) -> bool {
        match *self {}
    }

    pub fn take(&mut self) -> Vec<u8> {
        match *self {}
    }

    pub fn report(&self) -> Option<String> {
        match *self {}
    }

    pub fn pump(&mut self, _socket: &mut Socket) -> bool {
        match *self {}
    }

    pub fn write(&mut self, _socket: &mut Socket, _octets: &[u8]) -> usize {
        match *self {}
    }

    pub fn finish(&mut self, _socket: &mut Socket) -> bool {
        match *self {}
    }

    pub fn say_bye(&mut self) {
        match *self {}
    }
}
