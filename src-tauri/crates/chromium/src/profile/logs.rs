//! Logs of LevelDB that end in the middle of a record.
//!
//! LevelDB keeps what was written last in a log (`000003.log`), and which files make the database in another
//! (`MANIFEST-000001`). Chromium writes a record as a header and then its content, so a browser that is killed between
//! the two leaves half a record. The next browser takes that for the end of the log, and goes on writing behind it. The
//! one after that finds a record whose checksum is wrong with others behind it, and begins an empty database without a
//! word: the login is gone. So a log is cut back to its last whole record before a browser sees it.
//!
//! A record that is damaged further up is treated the same. What came after it is lost, but with it in place all would
//! be.
//!
//! ```text
//! log     = blocks of 32 KiB, the last one shorter
//! block   = pieces, then fewer than 7 bytes that mean nothing
//! piece   = checksum u32, length u16, kind u8, content; numbers in little endian
//! record  = FULL | FIRST MIDDLE* LAST
//! ```
//!
//! What counts as damage is what LevelDB's own reader counts as such, or as the end.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crc::{CRC_32_ISCSI, Crc};

use super::spares::{self, Item};

const BLOCK: usize = 32 * 1024;
const HEADER: usize = 7;
/// Of a piece: the kinds of the format.
const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

static CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// How far a log can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Readable {
    /// Where the last whole record ends.
    whole: u64,
    /// Whether half a record or a damaged one follows.
    damaged: bool,
}

/// What begins at some place in a block.
enum Piece {
    /// A piece of a record, whole.
    Of { kind: u8, length: usize },
    /// Space that was set aside and never written to: the rest of the block means nothing.
    Unused,
    /// Half a piece, or a damaged one.
    Damaged,
}

/// The log cannot be read on from there.
struct Damage;

/// Cuts the logs of a login back to their last whole record. No browser runs on the profile. What cannot be read or cut
/// stays as it is: the browser may still make something of it. Blocks.
pub(super) fn repair(user_data: &Path) {
    let items = match spares::list_login(user_data) {
        Ok(items) => items,
        Err(cause) => {
            tracing::warn!(error = %cause.kind(), "could not look for damaged logs of a login");
            return;
        }
    };
    for item in items.iter().filter(|item| is_log(&item.path)) {
        if let Err(cause) = repair_one(&user_data.join(&item.path)) {
            tracing::warn!(error = %cause.kind(), "could not repair a log of a login");
        }
    }
}

/// Whether each log among the files of a login, in this folder, ends with a whole record and has no damaged one.
pub(super) fn are_whole(items: &[Item], folder: &Path) -> io::Result<bool> {
    for item in items.iter().filter(|item| is_log(&item.path)) {
        if read(File::open(folder.join(&item.path))?)?.damaged {
            return Ok(false);
        }
    }
    Ok(true)
}

fn repair_one(path: &Path) -> io::Result<()> {
    let found = read(File::open(path)?)?;
    if !found.damaged {
        return Ok(());
    }
    let kind = if is_manifest(path) { "manifest" } else { "log" };
    // Without its first record a manifest describes no database. The browser has its own ways to go on from that.
    if found.whole == 0 && is_manifest(path) {
        tracing::warn!(kind, "the first record of a login's database is damaged");
        return Ok(());
    }
    let file = File::options().write(true).open(path)?;
    let bytes = file.metadata()?.len().saturating_sub(found.whole);
    file.set_len(found.whole)?;
    file.sync_all()?;
    tracing::warn!(kind, bytes, "cut off the damaged end of a login's database");
    Ok(())
}

/// `000003.log` or `MANIFEST-000001`.
fn is_log(path: &Path) -> bool {
    let numbered = path.extension().is_some_and(|it| it == "log")
        && path
            .file_stem()
            .and_then(|it| it.to_str())
            .is_some_and(is_number);
    numbered || is_manifest(path)
}

fn is_manifest(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str()?.strip_prefix("MANIFEST-"))
        .is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a log up to the first damage, a block at a time.
fn read(mut log: impl Read) -> io::Result<Readable> {
    let mut whole = 0;
    let mut begun = 0;
    // How much there is of a record whose last piece is still to come.
    let mut open: Option<usize> = None;
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        block.clear();
        log.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
        let mut at = 0;
        while at < block.len() && at + HEADER <= BLOCK {
            let next = match piece(&block[at..]) {
                Piece::Unused if open.is_none() => break,
                Piece::Of { kind, length } => {
                    at += HEADER + length;
                    follow(open, kind, length)
                }
                Piece::Unused | Piece::Damaged => Err(Damage),
            };
            let Ok(next) = next else {
                return Ok(Readable {
                    whole,
                    damaged: true,
                });
            };
            open = next;
            if open.is_none() {
                whole = begun + at as u64;
            }
        }
        if block.len() < BLOCK {
            return Ok(Readable {
                whole,
                damaged: open.is_some(),
            });
        }
        begun += BLOCK as u64;
    }
}

/// How much there is of an open record after this piece, which may not come just anywhere.
fn follow(open: Option<usize>, kind: u8, length: usize) -> Result<Option<usize>, Damage> {
    match (kind, open) {
        // A first piece is empty where a block had no room left. LevelDB does not mind when nothing came of it.
        (FIRST, None | Some(0)) => Ok(Some(length)),
        (MIDDLE, Some(before)) => Ok(Some(before + length)),
        (FULL, None | Some(0)) | (LAST, Some(_)) => Ok(None),
        _ => Err(Damage),
    }
}

/// What these bytes, up to the end of their block, begin with.
fn piece(bytes: &[u8]) -> Piece {
    let Some((&[a, b, c, d, low, high, kind], content)) = bytes.split_first_chunk::<HEADER>()
    else {
        return Piece::Damaged;
    };
    let length = usize::from(u16::from_le_bytes([low, high]));
    if kind == 0 && length == 0 {
        return Piece::Unused;
    }
    match content.get(..length) {
        Some(content) if checksum(kind, content) == u32::from_le_bytes([a, b, c, d]) => {
            Piece::Of { kind, length }
        }
        _ => Piece::Damaged,
    }
}

/// Of kind and content. LevelDB turns it around, as a checksum over data that holds its own checksum says little.
fn checksum(kind: u8, content: &[u8]) -> u32 {
    let mut digest = CRC32C.digest();
    digest.update(&[kind]);
    digest.update(content);
    digest.finalize().rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
pub(super) mod tests;
