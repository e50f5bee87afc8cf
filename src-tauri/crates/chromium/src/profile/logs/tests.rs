use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// A log with these records, as LevelDB writes it.
pub(in crate::profile) fn log(records: &[&[u8]]) -> Vec<u8> {
    let mut log = Vec::new();
    for record in records {
        append(&mut log, record);
    }
    log
}

/// Writes one record at the end of a log, as LevelDB does. Says where it begins.
fn append(log: &mut Vec<u8>, mut record: &[u8]) -> usize {
    let mut start = None;
    loop {
        let mut left = BLOCK - log.len() % BLOCK;
        if left < HEADER {
            log.resize(log.len() + left, 0);
            left = BLOCK;
        }
        let (content, rest) = record.split_at(record.len().min(left - HEADER));
        let kind = match (start.is_none(), rest.is_empty()) {
            (true, true) => FULL,
            (true, false) => FIRST,
            (false, false) => MIDDLE,
            (false, true) => LAST,
        };
        let start = *start.get_or_insert(log.len());
        log.extend(checksum(kind, content).to_le_bytes());
        log.extend(u16::try_from(content.len()).unwrap().to_le_bytes());
        log.push(kind);
        log.extend(content);
        record = rest;
        if rest.is_empty() {
            return start;
        }
    }
}

/// A log and where its records lie.
#[derive(Debug)]
struct Written {
    log: Vec<u8>,
    records: Vec<(usize, usize)>,
}

fn written(lengths: &[usize]) -> Written {
    let mut log = Vec::new();
    let records = lengths
        .iter()
        .enumerate()
        .map(|(number, &length)| {
            let content = vec![u8::try_from(number + 1).unwrap(); length];
            (append(&mut log, &content), log.len())
        })
        .collect();
    Written { log, records }
}

impl Written {
    /// Where the last record that ends by then ends.
    fn whole_by(&self, place: usize) -> usize {
        let ends = self.records.iter().map(|&(_, end)| end);
        ends.filter(|&end| end <= place).max().unwrap_or(0)
    }

    /// The record that this place is inside of.
    fn around(&self, place: usize) -> Option<(usize, usize)> {
        let mut records = self.records.iter().copied();
        records.find(|&(start, end)| (start..end).contains(&place))
    }
}

/// Records of all sizes, many of which just fill a block, or nearly.
fn lengths() -> impl Strategy<Value = Vec<usize>> {
    let length = prop_oneof![0..64_usize, BLOCK - 64..BLOCK + 64, 0..3 * BLOCK];
    prop::collection::vec(length, 1..6)
}

/// A place in a log, often close to where a record or a block ends.
fn place() -> impl Strategy<Value = (Index, Option<usize>)> {
    (any::<Index>(), prop::option::of(0..16_usize))
}

fn at(written: &Written, (index, near): (Index, Option<usize>)) -> usize {
    match near {
        None => index.index(written.log.len() + 1),
        Some(by) => {
            let blocks = (1..=written.log.len() / BLOCK).map(|block| block * BLOCK);
            let edges: Vec<usize> = written
                .records
                .iter()
                .map(|&(_, end)| end)
                .chain(blocks)
                .collect();
            (index.get(&edges) + 8)
                .saturating_sub(by)
                .min(written.log.len())
        }
    }
}

/// What is left of a file with this content once it was repaired.
fn repaired(name: &str, content: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), name);
    fs::write(&path, content).unwrap();
    repair(folder.path());
    fs::read(path).unwrap()
}

fn file(user_data: &Path, name: &str) -> PathBuf {
    let database = user_data.join("Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb");
    fs::create_dir_all(&database).unwrap();
    database.join(name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_log_that_was_cut_anywhere_keeps_all_its_whole_records(
        lengths in lengths(),
        place in place(),
        more in lengths(),
    ) {
        let written = written(&lengths);
        let cut = at(&written, place);
        // Where the next record was about to begin nothing is missing, padding or not.
        let torn = written.around(cut).is_some_and(|(start, _)| start < cut);
        let kept = if torn { written.whole_by(cut) } else { cut };
        let mut log = repaired("000003.log", &written.log[..cut]);
        prop_assert_eq!(log.len(), kept);
        prop_assert!(log == written.log[..kept]);
        // The next browser writes on, and the one after it reads all of that.
        for length in more {
            append(&mut log, &vec![0xee; length]);
        }
        let whole = log.len() as u64;
        prop_assert_eq!(read(&*log).unwrap(), Readable { whole, damaged: false });
    }

    #[test]
    fn a_damaged_byte_costs_its_record_and_those_after_it(lengths in lengths(), place in place()) {
        let mut written = written(&lengths);
        let damaged = at(&written, place).min(written.log.len() - 1);
        written.log[damaged] ^= 0xff;
        let kept = match written.around(damaged) {
            Some((start, _)) => written.whole_by(start),
            // Padding means nothing.
            None => written.log.len(),
        };
        let log = repaired("000003.log", &written.log);
        prop_assert_eq!(log.len(), kept);
        prop_assert!(log == written.log[..kept]);
    }

    #[test]
    fn space_that_was_set_aside_is_left_alone(lengths in lengths(), unused in HEADER..3 * BLOCK) {
        let mut log = written(&lengths).log;
        let place = log.len() % BLOCK;
        let end = (place + unused) % BLOCK;
        // A header is looked for where it has room.
        prop_assume!(end == 0 || end >= HEADER);
        log.resize(log.len() + unused, 0);
        prop_assert!(repaired("000003.log", &log) == log);
    }
}

#[test]
fn what_a_browser_wrote_is_read() {
    // The first record of an IndexedDB of Chromium's.
    let log =
        b"\xf2\x88\x20\x16\x17\0\x01\x01\0\0\0\0\0\0\0\x01\0\0\0\x01\x06\0\0\0\0\x32\0\x02\x08\x01";
    let whole = log.len() as u64;
    assert_eq!(
        read(&log[..]).unwrap(),
        Readable {
            whole,
            damaged: false
        }
    );
}

#[test]
fn each_way_to_be_torn_is_seen() {
    let whole = log(&[b"one", b"two"]);
    for (tail, kept) in [
        (&b""[..], whole.len()),
        // A header whose content never came, and half of one.
        (&[7, 7, 7, 7, 251, 0, FULL], whole.len()),
        (&[7, 7, 7], whole.len()),
        // A record with a beginning and no end, and one with an end and no beginning.
        (&piece_of(FIRST, b"begun"), whole.len()),
        (&piece_of(MIDDLE, b"lost"), whole.len()),
        (&piece_of(LAST, b"lost"), whole.len()),
        // A kind that there is not.
        (&piece_of(5, b"what"), whole.len()),
        // A beginning that another record follows.
        (
            &[piece_of(FIRST, b"begun"), log(&[b"three"])].concat(),
            whole.len(),
        ),
        (
            &[piece_of(FIRST, b"begun"), vec![0; 64]].concat(),
            whole.len(),
        ),
    ] {
        let log = [&whole[..], tail].concat();
        assert_eq!(repaired("000003.log", &log), log[..kept], "{tail:?}");
        assert_eq!(repaired("MANIFEST-000001", &log), log[..kept], "{tail:?}");
    }
}

#[test]
fn a_block_with_room_for_a_header_only_ends_with_an_empty_piece() {
    let mut log = Vec::new();
    append(&mut log, &vec![1; BLOCK - 2 * HEADER]);
    append(&mut log, b"two");
    assert_eq!(log[BLOCK - 1], FIRST);
    assert_eq!(repaired("000003.log", &log), log);
    // The browser died before the rest of the record, and the next one began another.
    log.truncate(BLOCK);
    for length in [5, 2 * BLOCK] {
        let mut log = log.clone();
        append(&mut log, &vec![3; length]);
        assert!(repaired("000003.log", &log) == log);
    }
    assert_eq!(repaired("000003.log", &log).len(), BLOCK - HEADER);
}

#[test]
fn space_inside_of_a_record_is_damage_and_between_records_is_none() {
    let whole = log(&[b"one"]);
    for (begun, next, kept) in [
        (vec![], log(&[b"two"]), BLOCK + HEADER + 3),
        (
            piece_of(FIRST, b"begun"),
            piece_of(LAST, b"over"),
            whole.len(),
        ),
    ] {
        let mut log = [&whole[..], &begun].concat();
        log.resize(BLOCK, 0);
        log.extend(next);
        assert_eq!(repaired("000003.log", &log).len(), kept);
    }
}

fn piece_of(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut piece = log(&[content]);
    piece[..4].copy_from_slice(&checksum(kind, content).to_le_bytes());
    piece[6] = kind;
    piece
}

#[test]
fn a_log_may_be_cut_to_nothing_and_a_manifest_may_not() {
    let torn = &log(&[b"the only one"])[..HEADER];
    assert_eq!(repaired("000003.log", torn), b"");
    assert_eq!(repaired("MANIFEST-000001", torn), torn);
    assert_eq!(repaired("000003.log", b""), b"");
    assert_eq!(repaired("MANIFEST-000001", b""), b"");
}

#[test]
fn nothing_but_logs_of_the_login_is_cut() {
    for name in [
        "000005.ldb",
        "CURRENT",
        "LOG",
        "LOG.old",
        "MANIFEST-",
        "a.log",
        ".log",
    ] {
        assert_eq!(repaired(name, b"no log"), b"no log", "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    let inside = folder
        .path()
        .join("Default/Local Storage/leveldb/000003.log");
    let outside = folder.path().join("Default/Session Storage/000003.log");
    for path in [&inside, &outside] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "no log").unwrap();
    }
    repair(folder.path());
    assert_eq!(fs::read(inside).unwrap(), b"");
    assert_eq!(fs::read(outside).unwrap(), b"no log");
}

#[test]
fn only_files_are_logs_and_no_login_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(file(folder.path(), "000001.log")).unwrap();
    let torn = file(folder.path(), "000003.log");
    fs::write(&torn, "no log").unwrap();
    repair(folder.path());
    assert_eq!(fs::read(torn).unwrap(), b"");
    repair(&folder.path().join("nowhere"));
}
