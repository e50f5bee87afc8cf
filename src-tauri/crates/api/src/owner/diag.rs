//! The words of `NETLINK_SOCK_DIAG`: asks the kernel for the one TCP socket with these two addresses, and reads what it
//! says. Asking costs microseconds however many sockets there are; `/proc/net/tcp` writes all of them down each time.

use std::net::{IpAddr, SocketAddr};

/// Of `struct nlmsghdr`.
const HEADER: usize = 16;
/// A header and `struct inet_diag_req_v2`, as the header says it.
const LENGTH: u32 = 16 + 56;
const REQUEST: usize = LENGTH as usize;
/// A header and `struct inet_diag_msg`.
const ROW: usize = HEADER + 72;

const NLMSG_ERROR: u16 = 2;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
const ENOENT: i32 = 2;
/// Every network namespace has its loopback device under this number. A socket that is bound to a device is found only
/// where that is named, and one that is bound to none by any.
const LOOPBACK_DEVICE: u32 = 1;

/// A socket, as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Port of its own end.
    pub(super) port: u16,
    /// Port of the other end; 0 for one that listens.
    pub(super) other_port: u16,
    /// Whose it is; root's (0) too when it is nobody's any more.
    pub(super) uid: u32,
    /// 0: no program has it open.
    pub(super) inode: u32,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Row(Row),
    /// There is no such socket.
    Nothing,
    /// The kernel does not answer that; its number for why.
    Refused(i32),
}

/// Asks for the socket whose own end is `local` and whose other end is `remote`. Both have to be of one family.
pub(super) fn request(local: SocketAddr, remote: SocketAddr, sequence: u32) -> [u8; REQUEST] {
    let mut message = [0; REQUEST];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        message[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    let (local_ip, remote_ip) = (local.ip().to_canonical(), remote.ip().to_canonical());
    put(&LENGTH.to_ne_bytes());
    put(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    put(&NLM_F_REQUEST.to_ne_bytes());
    put(&sequence.to_ne_bytes());
    // The sender's own number, which the kernel knows.
    put(&[0; 4]);
    let family = if local_ip.is_ipv4() {
        AF_INET
    } else {
        AF_INET6
    };
    // No extras, and a byte of padding.
    put(&[family, IPPROTO_TCP, 0, 0]);
    // In whatever state it is.
    put(&u32::MAX.to_ne_bytes());
    put(&local.port().to_be_bytes());
    put(&remote.port().to_be_bytes());
    put(&address(local_ip));
    put(&address(remote_ip));
    put(&LOOPBACK_DEVICE.to_ne_bytes());
    // No cookie: it would name one that was seen before.
    put(&[0xff; 8]);
    message
}

fn address(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&ip.octets());
            bytes
        }
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// Reads the answer to the question with this number; nothing if it is none.
pub(super) fn answer(message: &[u8], sequence: u32) -> Option<Found> {
    let length = usize::try_from(word(message, 0)?).ok()?;
    let message = message.get(..length)?;
    if word(message, 8)? != sequence {
        return None;
    }
    match half(message, 4)? {
        NLMSG_ERROR => match word(message, HEADER)?.cast_signed().checked_neg()? {
            // An acknowledgement, which was not asked for.
            0 => None,
            ENOENT => Some(Found::Nothing),
            error => Some(Found::Refused(error)),
        },
        SOCK_DIAG_BY_FAMILY if message.len() >= ROW => Some(Found::Row(Row {
            port: half(message, HEADER + 4)?.to_be(),
            other_port: half(message, HEADER + 6)?.to_be(),
            uid: word(message, HEADER + 64)?,
            inode: word(message, HEADER + 68)?,
        })),
        _ => None,
    }
}

fn word(message: &[u8], at: usize) -> Option<u32> {
    let bytes = message.get(at..at + 4)?;
    bytes.try_into().ok().map(u32::from_ne_bytes)
}

fn half(message: &[u8], at: usize) -> Option<u16> {
    let bytes = message.get(at..at + 2)?;
    bytes.try_into().ok().map(u16::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(length: usize, kind: u16, sequence: u32) -> Vec<u8> {
        let mut message = u32::try_from(length).unwrap().to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend([0; 2]);
        message.extend(sequence.to_ne_bytes());
        message.extend([0; 4]);
        message
    }

    /// As the kernel writes it, field by field.
    fn row(row: Row, sequence: u32) -> Vec<u8> {
        let mut message = header(ROW, SOCK_DIAG_BY_FAMILY, sequence);
        message.extend([AF_INET, 1, 0, 0]);
        message.extend(row.port.to_be_bytes());
        message.extend(row.other_port.to_be_bytes());
        // Both addresses, the device and the cookie; then when it expires and what is queued.
        message.extend([7; 16 + 16 + 4 + 8]);
        message.extend([9; 12]);
        message.extend(row.uid.to_ne_bytes());
        message.extend(row.inode.to_ne_bytes());
        message
    }

    fn error(number: i32, sequence: u32) -> Vec<u8> {
        let mut message = header(HEADER + 4 + HEADER, NLMSG_ERROR, sequence);
        message.extend((-number).to_ne_bytes());
        message.extend(header(REQUEST, SOCK_DIAG_BY_FAMILY, sequence));
        message
    }

    #[test]
    fn a_question_names_both_ends_as_the_kernel_writes_them() {
        let ask = |local: &str, remote: &str| {
            request(local.parse().unwrap(), remote.parse().unwrap(), 5)[HEADER..].to_vec()
        };
        let plain = ask("127.0.0.2:50000", "127.0.0.1:3001");
        assert_eq!(plain[..4], [2, 6, 0, 0]);
        assert_eq!(plain[8..12], [0xc3, 0x50, 0x0b, 0xb9]);
        assert_eq!(plain[12..16], [127, 0, 0, 2]);
        assert_eq!(plain[28..32], [127, 0, 0, 1]);
        assert_eq!(plain[44..48], 1_u32.to_ne_bytes());
        // A socket for both kinds of address shows those of the other kind so.
        let mapped = ask("[::ffff:127.0.0.2]:50000", "[::ffff:127.0.0.1]:3001");
        assert_eq!(mapped, plain);
        let six = ask("[::1]:50000", "[::1]:3001");
        assert_eq!((six[0], six[27], six[43]), (10, 1, 1));
    }

    #[test]
    fn what_is_no_answer_to_the_question_is_none() {
        let sample = Row {
            port: 50_000,
            other_port: 3001,
            uid: 1000,
            inode: 77,
        };
        let good = row(sample, 5);
        assert_eq!(answer(&good, 5), Some(Found::Row(sample)));
        assert_eq!(answer(&good, 6), None, "of another question");
        for length in 0..good.len() {
            assert_eq!(answer(&good[..length], 5), None, "cut off at {length}");
        }
        assert_eq!(answer(&error(ENOENT, 5), 5), Some(Found::Nothing));
        assert_eq!(answer(&error(1, 5), 5), Some(Found::Refused(1)));
        assert_eq!(answer(&error(0, 5), 5), None);
        let other = header(HEADER, 3, 5);
        assert_eq!(answer(&other, 5), None);
    }

    proptest! {
        #[test]
        fn a_row_is_read_as_it_was_written(
            port: u16, other_port: u16, uid: u32, inode: u32, sequence: u32,
            behind in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let written = Row { port, other_port, uid, inode };
            let mut message = row(written, sequence);
            // Attributes that nobody asked for are within the length, the next message is not.
            message.extend(behind);
            prop_assert_eq!(answer(&message, sequence), Some(Found::Row(written)));
        }

        #[test]
        fn nothing_that_comes_makes_it_fall_over(
            message in proptest::collection::vec(any::<u8>(), 0..200),
            length in 0_u32..220,
            kind in prop_oneof![Just(NLMSG_ERROR), Just(SOCK_DIAG_BY_FAMILY), any::<u16>()],
            sequence: u32,
        ) {
            let mut shaped = message.clone();
            for (at, bytes) in [
                (0, &length.to_ne_bytes()[..]),
                (4, &kind.to_ne_bytes()[..]),
                (8, &sequence.to_ne_bytes()[..]),
            ] {
                if let Some(place) = shaped.get_mut(at..at + bytes.len()) {
                    place.copy_from_slice(bytes);
                }
            }
            if let Some(Found::Row(_)) = answer(&shaped, sequence) {
                prop_assert!(shaped.len() >= ROW && kind == SOCK_DIAG_BY_FAMILY);
            }
            answer(&message, sequence);
        }
    }
}
