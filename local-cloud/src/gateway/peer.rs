//! Which user of the machine is at the other end of a connection. On loopback the system knows.

use std::net::{SocketAddr, SocketAddrV4};

use tokio::net::TcpStream;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// The user who runs the cloud: the owner's programs, and functions.
    Ours,
    /// Another user, by the user id.
    User(u32),
    /// The system does not tell.
    Unknown,
}

/// Asks the system who peers are.
#[derive(Debug)]
pub(super) struct Peers {
    #[cfg(target_os = "linux")]
    sockets: Option<linux::Sockets>,
}

impl Peers {
    /// Ready to ask.
    pub(super) fn new() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            sockets: linux::Sockets::open(),
        }
    }

    /// Who is at the other end of this connection.
    pub(super) fn of(&self, stream: &TcpStream) -> Peer {
        let (Ok(SocketAddr::V4(peer)), Ok(SocketAddr::V4(own))) =
            (stream.peer_addr(), stream.local_addr())
        else {
            return Peer::Unknown;
        };
        match self.user_of(peer, own) {
            Some(user) if user == rustix::process::geteuid().as_raw() => Peer::Ours,
            Some(user) => Peer::User(user),
            None => Peer::Unknown,
        }
    }

    /// The user id of the socket at `peer` that is connected to `own`.
    #[cfg(target_os = "linux")]
    fn user_of(&self, peer: SocketAddrV4, own: SocketAddrV4) -> Option<u32> {
        self.sockets.as_ref()?.user_of(peer, own)
    }

    #[cfg(not(target_os = "linux"))]
    fn user_of(&self, _: SocketAddrV4, _: SocketAddrV4) -> Option<u32> {
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    //! The kernel's table of sockets, through `sock_diag(7)`. One socket is looked up by its
    //! addresses, so that it takes microseconds however many there are.

    use std::net::SocketAddrV4;
    use std::os::fd::OwnedFd;

    use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
    use rustix::net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
    };

    /// `SOCK_DIAG_BY_FAMILY`.
    const BY_FAMILY: u16 = 20;
    /// `NLM_F_REQUEST`.
    const IS_REQUEST: u16 = 1;
    const AF_INET: u8 = 2;
    const IPPROTO_TCP: u8 = 6;
    /// `struct nlmsghdr` and `struct inet_diag_req_v2`.
    const REQUEST_BYTES: usize = 16 + 56;
    /// Where `idiag_sport` and what follows it begins in the reply, behind `struct nlmsghdr`.
    const ID: usize = 16 + 4;
    /// Where `idiag_uid` is in the reply: behind the socket's id, a timer and two queue lengths.
    const USER: usize = ID + 48 + 12;

    #[derive(Debug)]
    pub(super) struct Sockets(OwnedFd);

    impl Sockets {
        pub(super) fn open() -> Option<Self> {
            let kind = (AddressFamily::NETLINK, SocketType::DGRAM);
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            socket_with(kind.0, kind.1, flags, Some(SOCK_DIAG))
                .ok()
                .map(Self)
        }

        pub(super) fn user_of(&self, source: SocketAddrV4, other: SocketAddrV4) -> Option<u32> {
            let request = request(source, other);
            let kernel = SocketAddrNetlink::new(0, 0);
            sendto(&self.0, &request, SendFlags::empty(), &kernel).ok()?;
            // The kernel has replied when `sendto` returns.
            let mut reply = [0; 512];
            let (length, _) = recv(&self.0, &mut reply, RecvFlags::DONTWAIT).ok()?;
            user_in(reply.get(..length)?, source)
        }
    }

    fn request(source: SocketAddrV4, other: SocketAddrV4) -> [u8; REQUEST_BYTES] {
        let mut parts = Vec::with_capacity(REQUEST_BYTES);
        parts.extend(72_u32.to_ne_bytes());
        parts.extend(BY_FAMILY.to_ne_bytes());
        parts.extend(IS_REQUEST.to_ne_bytes());
        parts.extend([0; 8]);
        parts.extend([AF_INET, IPPROTO_TCP, 0, 0]);
        // In any state.
        parts.extend(u32::MAX.to_ne_bytes());
        parts.extend(source.port().to_be_bytes());
        parts.extend(other.port().to_be_bytes());
        for address in [source, other] {
            parts.extend(address.ip().octets());
            parts.extend([0; 12]);
        }
        // Any interface, no cookie.
        parts.extend([0; 4]);
        parts.extend([u8::MAX; 8]);
        let mut request = [0; REQUEST_BYTES];
        request.copy_from_slice(&parts);
        request
    }

    /// The user id in the reply about the socket at `source`; `None` for an error.
    fn user_in(reply: &[u8], source: SocketAddrV4) -> Option<u32> {
        let kind = reply.get(4..6)?;
        let port = reply.get(ID..ID + 2)?;
        if kind != BY_FAMILY.to_ne_bytes() || port != source.port().to_be_bytes() {
            return None;
        }
        let user = reply.get(USER..USER + 4)?;
        Some(u32::from_ne_bytes(user.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn our_own_connection_is_ours() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let _client = TcpStream::connect(address).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        let peer = Peers::new().of(&accepted);
        let known = if cfg!(target_os = "linux") {
            Peer::Ours
        } else {
            Peer::Unknown
        };
        // A sandbox may not let anybody ask.
        assert!(peer == known || peer == Peer::Unknown, "{peer:?}");
    }
}
