//! Asks the kernel's table of sockets.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};

use super::diag::{Found, Row, answer, request};
use super::{Owner, Owners};

/// Larger than any answer about one socket.
const ANSWER: usize = 4096;
/// Messages that are read to find the answer to a question. More than one waits only if an answer was given up before.
const MESSAGES: u32 = 8;

/// The kernel's table of sockets. Its line stays open, so that no lack of files can make it fall silent later.
pub(super) struct SocketTable {
    line: Mutex<Line>,
    /// Who runs this program.
    user: u32,
}

struct Line {
    socket: OwnedFd,
    /// Of the last question.
    sequence: u32,
}

impl SocketTable {
    /// Fails if the kernel does not answer, tried with a socket that is there: one that listens.
    pub(super) fn open(listener: SocketAddr) -> io::Result<Self> {
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )?;
        let table = Self {
            line: Mutex::new(Line {
                socket,
                sequence: 0,
            }),
            user: rustix::process::geteuid().as_raw(),
        };
        let anybody = match listener.ip().to_canonical() {
            ip if ip.is_ipv4() => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            _ => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        match table.ask(listener, anybody)? {
            Found::Row(row) if row.port == listener.port() && row.inode != 0 => Ok(table),
            Found::Row(_) | Found::Nothing => Err(io::ErrorKind::Unsupported.into()),
            Found::Refused(number) => Err(io::Error::from_raw_os_error(number)),
        }
    }

    /// The kernel has answered when the question is sent, so nothing here waits.
    fn ask(&self, local: SocketAddr, remote: SocketAddr) -> io::Result<Found> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.sequence = line.sequence.wrapping_add(1);
        let question = request(local, remote, line.sequence);
        send(&line.socket, &question, SendFlags::DONTWAIT)?;
        let mut buffer = [0; ANSWER];
        for _ in 0..MESSAGES {
            let (length, _) = recv(&line.socket, &mut buffer[..], RecvFlags::DONTWAIT)?;
            if let Some(found) = answer(&buffer[..length], line.sequence) {
                return Ok(found);
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }
}

impl Owners for SocketTable {
    fn owner(&self, peer: SocketAddr, reached: SocketAddr) -> Owner {
        match self.ask(peer, reached) {
            Ok(Found::Row(row)) => judge(row, reached.port(), self.user),
            Ok(Found::Nothing) => Owner::Gone,
            // It has answered before: whatever keeps it from answering now must not open anything.
            Ok(Found::Refused(number)) => {
                tracing::warn!(number, "the system does not say who called");
                Owner::Gone
            }
            Err(error) => {
                tracing::warn!(%error, "the system does not say who called");
                Owner::Gone
            }
        }
    }
}

/// Who holds the other end of a connection that came to this port.
fn judge(row: Row, reached: u16, user: u32) -> Owner {
    // In place of a socket that is gone, the kernel gives one that listens on its port, which may be anybody's.
    let listens = row.other_port != reached;
    // One that was closed is shown as root's.
    let closed = row.inode == 0 && row.uid == 0;
    if listens || closed {
        Owner::Gone
    } else if row.uid == user || row.uid == 0 {
        Owner::Ours
    } else {
        Owner::Other(row.uid)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn only_an_end_that_is_held_tells_whose_it_is() {
        let row = |uid, inode, other_port| Row {
            port: 50_000,
            other_port,
            uid,
            inode,
        };
        for (row, owner) in [
            (row(1000, 7, 3001), Owner::Ours),
            (row(0, 7, 3001), Owner::Ours),
            (row(1001, 7, 3001), Owner::Other(1001)),
            (row(0, 0, 3001), Owner::Gone),
            // Newer kernels go on to know it.
            (row(1000, 0, 3001), Owner::Ours),
            (row(1001, 0, 3001), Owner::Other(1001)),
            (row(1000, 7, 0), Owner::Gone),
            (row(1001, 7, 0), Owner::Gone),
        ] {
            assert_eq!(judge(row, 3001, 1000), owner, "{row:?}");
        }
    }

    fn pair(listener: &TcpListener) -> (TcpStream, TcpStream) {
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (ours, listener.accept().unwrap().0)
    }

    #[test]
    fn a_program_of_this_user_is_found_until_it_closes() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else {
                eprintln!("skipped: this machine has no {address}");
                continue;
            };
            let table = SocketTable::open(listener.local_addr().unwrap()).unwrap();
            let (client, server) = pair(&listener);
            let ends = (server.peer_addr().unwrap(), server.local_addr().unwrap());
            assert_eq!(table.owner(ends.0, ends.1), Owner::Ours, "{address}");
            // Whoever has said everything may still wait for the answer.
            client.shutdown(Shutdown::Write).unwrap();
            assert_eq!(table.owner(ends.0, ends.1), Owner::Ours, "{address}");
            drop(client);
            let left = table.owner(ends.0, ends.1);
            let user = table.user;
            // A kernel that goes on to know whose it was may say so, unless that is root's word for nobody.
            assert!(left == Owner::Gone || user != 0 && left == Owner::Ours);
            drop(server);
            assert_eq!(table.owner(ends.0, ends.1), Owner::Gone, "{address}");
        }
    }

    /// What it sent can be read all the same.
    #[test]
    fn whoever_breaks_a_connection_off_leaves_no_socket_and_is_gone() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let table = SocketTable::open(listener.local_addr().unwrap()).unwrap();
        let (mut client, mut server) = pair(&listener);
        let ends = (server.peer_addr().unwrap(), server.local_addr().unwrap());
        client.write_all(b"GET").unwrap();
        rustix::net::sockopt::set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
        drop(client);
        assert_eq!(table.ask(ends.0, ends.1).unwrap(), Found::Nothing);
        assert_eq!(table.owner(ends.0, ends.1), Owner::Gone);
        let mut sent = [0; 3];
        server.read_exact(&mut sent).unwrap();
        assert_eq!(&sent, b"GET");
    }

    /// Whoever is not found because of that would be anybody.
    #[tokio::test]
    async fn a_socket_that_is_bound_to_the_loopback_device_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let table = SocketTable::open(address).unwrap();
        let client = tokio::net::TcpSocket::new_v4().unwrap();
        if let Err(error) = client.bind_device(Some(b"lo")) {
            eprintln!("skipped: no socket can be bound to a device here: {error}");
            return;
        }
        let _client = client.connect(address).await.unwrap();
        let (server, peer) = listener.accept().unwrap();
        assert_eq!(table.owner(peer, server.local_addr().unwrap()), Owner::Ours);
    }

    /// About a hundred times what it takes, and a tenth of what writing the whole table down would.
    #[test]
    fn a_thousand_sockets_do_not_make_it_slow() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let table = SocketTable::open(listener.local_addr().unwrap()).unwrap();
        let pairs: Vec<_> = (0..400).map(|_| pair(&listener)).collect();
        let since = Instant::now();
        for (_, server) in &pairs {
            let peer = server.peer_addr().unwrap();
            assert_eq!(table.owner(peer, server.local_addr().unwrap()), Owner::Ours);
        }
        let each = since.elapsed() / 400;
        eprintln!("{each:?} a question");
        assert!(each.as_micros() < 1000, "{each:?}");
    }
}
