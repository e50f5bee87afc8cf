//! The newest events in their order, written out once.

use std::collections::VecDeque;

use axum::body::Bytes;
use session_core::{ClienteId, Timestamp};

use super::told::{Name, Told};

/// Events that are kept.
const KEPT: usize = 1024;
/// How long a client is to wait before it connects again, ms.
const RETRY: u32 = 2000;

/// A place in the log: behind the event of this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

pub(super) struct Log {
    /// Tells the ids of one run from those of another.
    epoch: u64,
    /// The number of the newest event.
    last: u64,
    /// The highest number that had to make room. What was replaced by something newer is not counted: nobody misses it.
    forgotten: u64,
    events: VecDeque<Event>,
    kept: usize,
}

struct Event {
    number: u64,
    name: Name,
    about: Option<ClienteId>,
    expires: Option<Timestamp>,
    text: Bytes,
}

/// What a reader wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Of one cliente alone.
    pub(crate) only: Option<ClienteId>,
    /// Also of messages that come in, and what they hold.
    pub(crate) incoming: bool,
}

impl Wanted {
    fn has(self, event: &Event) -> bool {
        self.only.is_none_or(|only| event.about == Some(only))
            && (self.incoming || event.name != Name::Incoming)
    }
}

/// What comes after a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    /// This event; the place to go on from is behind it.
    Event(Bytes, Place),
    /// Nothing yet; everything up to this place has been looked at.
    Nothing(Place),
    /// Too much to be told one by one: some of it is gone.
    Gap,
}

impl Log {
    pub(super) fn new(begun: Timestamp) -> Self {
        Self::keeping(KEPT, begun)
    }

    fn keeping(kept: usize, begun: Timestamp) -> Self {
        Self {
            epoch: begun.0,
            last: 0,
            forgotten: 0,
            events: VecDeque::new(),
            kept,
        }
    }

    /// Behind the newest event.
    pub(super) const fn end(&self) -> Place {
        Place(self.last)
    }

    pub(super) fn push(&mut self, told: &Told) {
        if told.name.is_replaced() {
            self.withdraw(told.name, told.about);
        }
        self.last += 1;
        self.events.push_back(Event {
            number: self.last,
            name: told.name,
            about: told.about,
            expires: told.expires,
            text: self.text(told, self.end()),
        });
        if self.events.len() > self.kept
            && let Some(oldest) = self.events.pop_front()
        {
            self.forgotten = oldest.number;
        }
    }

    /// Takes back what is of no use any more.
    pub(super) fn withdraw(&mut self, name: Name, about: Option<ClienteId>) {
        self.events
            .retain(|event| event.name != name || event.about != about);
    }

    /// Something happened that is not known: whoever reads on begins anew.
    pub(super) fn skip(&mut self) {
        self.last += 1;
        self.forgotten = self.last;
    }

    /// What comes after a place.
    pub(super) fn after(&self, place: Place, wanted: Wanted, now: impl Fn() -> Timestamp) -> After {
        if place.0 < self.forgotten {
            return After::Gap;
        }
        let first = self.events.partition_point(|event| event.number <= place.0);
        self.events
            .range(first..)
            .find(|event| wanted.has(event) && event.expires.is_none_or(|expires| expires > now()))
            .map_or(After::Nothing(self.end()), |event| {
                After::Event(event.text.clone(), Place(event.number))
            })
    }

    /// The place that an id stands for; nothing for an id of another run, or one that no event has had.
    pub(super) fn place(&self, id: &str) -> Option<Place> {
        let (epoch, number) = id.split_once('-')?;
        let place = Place(plain(number)?);
        (plain(epoch) == Some(self.epoch) && place <= self.end()).then_some(place)
    }

    /// An event as it goes over the wire.
    pub(super) fn text(&self, told: &Told, place: Place) -> Bytes {
        let (name, data) = (told.name.as_str(), &told.data);
        let (epoch, number) = (self.epoch, place.0);
        format!("event: {name}\nid: {epoch}-{number}\nretry: {RETRY}\ndata: {data}\n\n").into()
    }
}

/// Digits only: Rust's own parser would let a sign through.
fn plain(text: &str) -> Option<u64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(5000);

    fn id(number: u64) -> ClienteId {
        ClienteId::try_from(number).unwrap()
    }

    fn told(name: Name, about: u64, data: &str) -> Told {
        Told {
            name,
            about: Some(id(about)),
            data: data.to_owned(),
            expires: None,
        }
    }

    /// The data of everything after a place, or nothing where there is a gap.
    fn read(log: &Log, mut place: Place, only: Option<ClienteId>) -> Option<Vec<String>> {
        let wanted = Wanted {
            only,
            incoming: true,
        };
        let mut all = Vec::new();
        loop {
            match log.after(place, wanted, || NOW) {
                After::Event(text, next) => {
                    let text = String::from_utf8(text.to_vec()).unwrap();
                    let data = text.split_once("data: ").unwrap().1.trim_end();
                    all.push(data.to_owned());
                    place = next;
                }
                After::Nothing(end) => {
                    assert_eq!(end, log.end());
                    return Some(all);
                }
                After::Gap => return None,
            }
        }
    }

    #[test]
    fn an_event_is_written_once_for_all_readers() {
        let mut log = Log::new(Timestamp(77));
        log.push(&told(Name::State, 1, "{}"));
        let After::Event(first, _) = log.after(Place(0), Wanted::default(), || NOW) else {
            panic!("no event");
        };
        assert_eq!(first, "event: state\nid: 77-1\nretry: 2000\ndata: {}\n\n");
        let of_one = Wanted {
            only: Some(id(1)),
            incoming: false,
        };
        let After::Event(second, _) = log.after(Place(0), of_one, || NOW) else {
            panic!("no event");
        };
        assert_eq!(first.as_ptr(), second.as_ptr(), "a copy");
    }

    #[test]
    fn what_was_pushed_out_is_a_gap_and_what_was_replaced_is_none() {
        let mut log = Log::keeping(3, Timestamp(77));
        let start = log.end();
        log.push(&told(Name::State, 1, "a"));
        for code in ["b", "c", "d", "e"] {
            log.push(&told(Name::Qr, 1, code));
        }
        log.push(&told(Name::Qr, 2, "f"));
        assert_eq!(read(&log, start, None).unwrap(), ["a", "e", "f"]);
        assert_eq!(read(&log, start, Some(id(1))).unwrap(), ["a", "e"]);
        assert_eq!(read(&log, start, Some(id(3))).unwrap(), [""; 0]);
        log.push(&told(Name::State, 2, "g"));
        assert_eq!(read(&log, start, None), None);
        assert_eq!(read(&log, Place(1), None).unwrap(), ["e", "f", "g"]);
        log.withdraw(Name::Qr, Some(id(1)));
        assert_eq!(read(&log, Place(1), None).unwrap(), ["f", "g"]);
    }

    #[test]
    fn what_came_in_is_told_to_whoever_asks_for_it_and_nobody_else() {
        let mut log = Log::new(Timestamp(77));
        log.push(&told(Name::Incoming, 1, "secret"));
        assert_eq!(
            log.after(Place(0), Wanted::default(), || NOW),
            After::Nothing(log.end())
        );
        assert_eq!(read(&log, Place(0), None).unwrap(), ["secret"]);
    }

    #[test]
    fn what_was_missed_is_a_gap_for_everybody() {
        let mut log = Log::new(Timestamp(77));
        log.push(&told(Name::Message, 1, "a"));
        let end = log.end();
        log.skip();
        assert_eq!(read(&log, end, None), None);
        let end = log.end();
        log.push(&told(Name::Message, 1, "b"));
        assert_eq!(read(&log, end, None).unwrap(), ["b"]);
    }

    #[test]
    fn a_code_that_has_expired_is_not_told() {
        let mut log = Log::new(Timestamp(77));
        for (cliente, expires) in [(1, 4999), (2, 5000), (3, 5001)] {
            log.push(&Told {
                expires: Some(Timestamp(expires)),
                ..told(Name::Qr, cliente, &expires.to_string())
            });
        }
        assert_eq!(read(&log, Place(0), None).unwrap(), ["5001"]);
    }

    #[test]
    fn only_an_id_that_an_event_of_this_run_had_is_a_place() {
        let mut log = Log::new(Timestamp(77));
        log.push(&told(Name::State, 1, "a"));
        log.push(&told(Name::State, 1, "b"));
        assert_eq!(log.place("77-1"), Some(Place(1)));
        assert_eq!(log.place("77-2"), Some(Place(2)));
        assert_eq!(log.place("77-0"), Some(Place(0)));
        for bad in [
            "77-3",
            "76-1",
            "78-1",
            "77",
            "77-",
            "-1",
            "1",
            "",
            "77-+1",
            "+77-1",
            "77-1-1",
            "77-1 ",
            "x-y",
            "77-99999999999999999999",
        ] {
            assert_eq!(log.place(bad), None, "{bad:?}");
        }
    }
}
