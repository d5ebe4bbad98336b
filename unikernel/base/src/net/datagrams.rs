//! Datagrams to and from one peer each, by number, for the role.

use super::Net;
use crate::entropy;
use alloc::vec;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::udp::{PacketBuffer, PacketMetadata, Socket};
use smoltcp::wire::{IpEndpoint, Ipv4Address};

/// Sockets at once.
const SOCKETS_MAX: usize = 128;
/// Datagrams that wait for the role, and octets of one: what fits into a frame.
const KEPT_MAX: usize = 2;
const OCTETS_MAX: usize = 1472;
/// Ports that are tried, each by chance, until one is free.
const PORTS_TRIED_MAX: usize = 8;
/// Those that are nobody's. RFC 6335 6
const PORT_MIN: u16 = 49_152;

pub struct Peer {
    handle: SocketHandle,
    endpoint: IpEndpoint,
}

fn buffer(kept: usize) -> PacketBuffer<'static> {
    PacketBuffer::new(vec![PacketMetadata::EMPTY; kept], vec![0; kept * OCTETS_MAX])
}

impl Net {
    /// A socket on a port that nobody can foresee (RFC 5452 9.2); -1 where there is no room.
    pub fn open_datagrams(&mut self, address: Ipv4Address, port: u16) -> i32 {
        let free = self.datagrams.iter().position(Option::is_none);
        let index = free.unwrap_or(self.datagrams.len());
        if index >= SOCKETS_MAX {
            return -1;
        }
        for _ in 0..PORTS_TRIED_MAX {
            let own = PORT_MIN + entropy::word() as u16 % (u16::MAX - PORT_MIN);
            let sockets = &self.sockets;
            let is_taken = |peer: &Peer| sockets.get::<Socket>(peer.handle).endpoint().port == own;
            let mut socket = Socket::new(buffer(KEPT_MAX), buffer(1));
            if self.datagrams.iter().flatten().any(is_taken) || socket.bind(own).is_err() {
                continue;
            }
            let peer = Some(Peer { handle: self.sockets.add(socket), endpoint: IpEndpoint::new(address.into(), port) });
            if free.is_some() {
                self.datagrams[index] = peer
            } else {
                self.datagrams.push(peer)
            }
            return index as i32;
        }
        -1
    }

    fn peer(&self, id: i32) -> Option<&Peer> {
        self.datagrams.get(usize::try_from(id).ok()?)?.as_ref()
    }

    /// Sends one datagram, which may be lost.
    pub fn send_datagram(&mut self, id: i32, octets: &[u8]) {
        let Some(&Peer { handle, endpoint }) = self.peer(id) else { return };
        let _ = self.sockets.get_mut::<Socket>(handle).send_slice(octets, endpoint);
    }

    /// The next datagram of the peer; what others sent is thrown away.
    pub fn receive_datagram<R>(&mut self, id: i32, with: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let &Peer { handle, endpoint } = self.peer(id)?;
        let socket = self.sockets.get_mut::<Socket>(handle);
        while let Ok((octets, about)) = socket.recv() {
            if about.endpoint == endpoint {
                return Some(with(octets));
            }
        }
        None
    }

    pub fn close_datagrams(&mut self, id: i32) {
        let Some(&Peer { handle, .. }) = self.peer(id) else { return };
        self.sockets.remove(handle);
        self.datagrams[id as usize] = None;
    }
}
