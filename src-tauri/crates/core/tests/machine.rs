//! The rules by themselves: what each event does in each state, and what no sequence of events can bring about.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::time::Duration;

use proptest::prelude::*;
use session_core::machine::{BrowserPhase, Effect, Event, Session, Timer, transition};
use session_core::ports::DriverEvent;
use session_core::{
    Account, LoginCode, PhoneNumber, Policy, Progress, Reason, Stage, State, StateName, Timestamp,
};

fn account() -> Account {
    Account {
        number: PhoneNumber::parse("5491155550001").unwrap(),
        name: None,
    }
}

fn code() -> DriverEvent {
    DriverEvent::Code(LoginCode::new("one"))
}

fn start(saved_login: bool) -> Event {
    Event::Start {
        saved_login,
        reason: Reason::StartRequested,
    }
}

fn apply(session: Session, events: impl IntoIterator<Item = Event>) -> Session {
    events.into_iter().fold(session, |session, event| {
        transition(&session, event, Timestamp(1), &Policy::default())
            .unwrap()
            .session
    })
}

/// A session in each state, with its browser as it normally is there.
fn in_state(name: StateName) -> Session {
    let up = |saved| vec![start(saved), Event::LaunchBegan, Event::Launched];
    let connected = Event::Driver(DriverEvent::Connected(account()));
    let then = |mut events: Vec<Event>, more: Vec<Event>| {
        events.extend(more);
        events
    };
    let events = match name {
        StateName::NotInitialized => vec![],
        StateName::Initializing => up(false),
        StateName::Reconnecting => up(true),
        StateName::QrRequired => then(up(false), vec![Event::Driver(code())]),
        StateName::Ready => then(up(true), vec![connected]),
        StateName::AuthFailure => then(
            up(true),
            vec![Event::Driver(DriverEvent::LoginRefused), Event::Closed],
        ),
        StateName::DisconnectedRecoverable => then(
            up(true),
            vec![connected, Event::Driver(DriverEvent::PageCrashed)],
        ),
        StateName::DisconnectedLogout => then(
            up(true),
            vec![
                connected,
                Event::Driver(DriverEvent::LoggedOut(Reason::LoggedOut)),
            ],
        ),
        StateName::DisconnectedBanned => then(
            up(true),
            vec![
                connected,
                Event::Driver(DriverEvent::Banned(Reason::Banned)),
                Event::Closed,
            ],
        ),
        StateName::Error => then(
            up(true),
            vec![Event::Driver(DriverEvent::Outdated), Event::Closed],
        ),
    };
    let session = apply(Session::new(Timestamp(0)), events);
    assert_eq!(session.state.name(), name);
    session
}

#[test]
fn each_driver_event_leads_where_the_table_says() {
    use StateName as S;
    // Rows: what the browser reports. Columns: from INITIALIZING, RECONNECTING, QR_REQUIRED, READY, RECOVERABLE.
    let from = [
        S::Initializing,
        S::Reconnecting,
        S::QrRequired,
        S::Ready,
        S::DisconnectedRecoverable,
    ];
    let (qr, logout, banned) = (S::QrRequired, S::DisconnectedLogout, S::DisconnectedBanned);
    let table = [
        (code(), [qr, qr, qr, logout, qr]),
        (DriverEvent::CodeTaken, from),
        (DriverEvent::CodeIdle, from),
        (DriverEvent::PasskeyRequested, from),
        (
            DriverEvent::Progress(Progress {
                stage: Stage::Syncing,
                percent: None,
            }),
            from,
        ),
        (DriverEvent::Connected(account()), [S::Ready; 5]),
        (DriverEvent::SocketLost(Reason::NetworkLost), from),
        (
            DriverEvent::LoggedOut(Reason::LoggedOut),
            [S::Initializing, S::Reconnecting, qr, logout, logout],
        ),
        (
            DriverEvent::LoggedOut(Reason::Conflict),
            [S::Initializing, logout, qr, logout, logout],
        ),
        (DriverEvent::Banned(Reason::TermsBlock), [banned; 5]),
        (
            DriverEvent::LoginRefused,
            [
                S::AuthFailure,
                S::AuthFailure,
                S::AuthFailure,
                S::Ready,
                S::DisconnectedRecoverable,
            ],
        ),
        (DriverEvent::Outdated, [S::Error; 5]),
        (DriverEvent::StorageFailed, [S::Error; 5]),
        (
            DriverEvent::PageCrashed,
            [
                S::Initializing,
                S::Reconnecting,
                qr,
                S::DisconnectedRecoverable,
                S::DisconnectedRecoverable,
            ],
        ),
        (
            DriverEvent::PageUnresponsive,
            [
                S::Initializing,
                S::Reconnecting,
                qr,
                S::DisconnectedRecoverable,
                S::DisconnectedRecoverable,
            ],
        ),
        (DriverEvent::BrowserExited, [S::Error; 5]),
        (DriverEvent::Bridge(Some(Reason::BridgeOutdated)), from),
    ];
    for (event, expected) in table {
        for (from, expected) in from.into_iter().zip(expected) {
            let after = apply(in_state(from), [Event::Driver(event.clone())]);
            assert_eq!(after.state.name(), expected, "{event:?} in {from:?}");
        }
        for settled in [S::NotInitialized, S::AuthFailure, logout, banned, S::Error] {
            let after = apply(in_state(settled), [Event::Driver(event.clone())]);
            assert_eq!(after.state.name(), settled, "{event:?} moved {settled:?}");
        }
    }
}

#[test]
fn a_start_is_taken_only_where_there_is_no_session() {
    for name in StateName::ALL {
        let outcome = transition(
            &in_state(name),
            start(false),
            Timestamp(1),
            &Policy::default(),
        );
        let free = matches!(
            name,
            StateName::NotInitialized
                | StateName::Error
                | StateName::AuthFailure
                | StateName::DisconnectedLogout
                | StateName::DisconnectedBanned
        );
        assert_eq!(outcome.is_ok(), free, "{name:?}");
    }
}

#[test]
fn a_start_waits_for_the_old_browser_to_be_gone() {
    let closing = apply(
        in_state(StateName::Ready),
        [Event::Driver(DriverEvent::BrowserExited)],
    );
    assert_eq!(closing.browser, BrowserPhase::Closing);
    let step = transition(&closing, start(true), Timestamp(1), &Policy::default()).unwrap();
    assert!(
        !step.effects.contains(&Effect::Launch),
        "launched beside a browser that is closing"
    );
    let step = transition(
        &step.session,
        Event::Closed,
        Timestamp(1),
        &Policy::default(),
    )
    .unwrap();
    assert_eq!(step.effects, [Effect::Launch]);
}

#[test]
fn a_stop_ends_every_state_and_its_browser() {
    for name in StateName::ALL {
        let stopped = transition(
            &in_state(name),
            Event::Stop(Reason::StopRequested),
            Timestamp(1),
            &Policy::default(),
        );
        let step = stopped.unwrap();
        assert_eq!(step.session.state, State::NotInitialized);
        assert_eq!(step.session.timer, None, "{name:?}");
        match step.session.browser {
            BrowserPhase::None => assert!(step.effects.contains(&Effect::End), "{name:?}"),
            BrowserPhase::Closing => {
                assert!(step.effects.contains(&Effect::Close), "{name:?}");
                let closed = transition(
                    &step.session,
                    Event::Closed,
                    Timestamp(1),
                    &Policy::default(),
                )
                .unwrap();
                assert_eq!(closed.effects, [Effect::End]);
            }
            other => panic!("{name:?}: the browser is still {other:?}"),
        }
    }
}

#[test]
fn a_timer_that_was_replaced_changes_nothing() {
    let timers = [
        Timer::Init,
        Timer::Linking,
        Timer::LossGrace,
        Timer::Backoff,
        Timer::Retry,
        Timer::Cleanup,
    ];
    for name in StateName::ALL {
        let session = in_state(name);
        for timer in timers
            .into_iter()
            .filter(|timer| session.timer != Some(*timer))
        {
            let after = apply(session.clone(), [Event::Elapsed(timer)]);
            assert_eq!(after, session, "{timer:?} in {name:?}");
        }
    }
}

#[test]
fn the_third_failed_retry_is_the_last() {
    let mut session = in_state(StateName::DisconnectedRecoverable);
    for attempt in 1..=3 {
        assert_eq!(session.state.attempts(), attempt);
        session = apply(session, [Event::Elapsed(Timer::Retry)]);
        if attempt < 3 {
            session = apply(session, [Event::Elapsed(Timer::Backoff)]);
        }
    }
    assert_eq!(
        (session.state, session.reason),
        (
            State::Error { restart: None },
            Some(Reason::RetriesExhausted)
        )
    );
}

fn driver_event() -> impl Strategy<Value = DriverEvent> {
    prop_oneof![
        1 => Just(DriverEvent::Progress(Progress { stage: Stage::Loading, percent: Some(5) })),
        1 => Just(DriverEvent::Progress(Progress { stage: Stage::Syncing, percent: None })),
        3 => Just(code()),
        2 => Just(DriverEvent::CodeTaken),
        1 => Just(DriverEvent::CodeIdle),
        1 => Just(DriverEvent::PasskeyRequested),
        4 => Just(DriverEvent::Connected(account())),
        2 => Just(DriverEvent::SocketLost(Reason::NetworkLost)),
        1 => Just(DriverEvent::LoggedOut(Reason::LoggedOut)),
        1 => Just(DriverEvent::LoggedOut(Reason::Conflict)),
        1 => Just(DriverEvent::Banned(Reason::Banned)),
        1 => Just(DriverEvent::LoginRefused),
        1 => Just(DriverEvent::Outdated),
        1 => Just(DriverEvent::StorageFailed),
        1 => Just(DriverEvent::Bridge(None)),
        1 => Just(DriverEvent::PageCrashed),
        1 => Just(DriverEvent::PageUnresponsive),
        1 => Just(DriverEvent::BrowserExited),
    ]
}

/// What may happen next; the world's answers (launched, closed, elapsed) are picked by the test where they are due.
#[derive(Clone, Debug)]
enum Happening {
    Event(Event),
    WorldAnswers(bool),
    TimerEnds,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => any::<bool>().prop_map(|saved| Happening::Event(start(saved))),
        1 => Just(Happening::Event(Event::Stop(Reason::StopRequested))),
        1 => Just(Happening::Event(Event::LoggedOutHere)),
        8 => driver_event().prop_map(|event| Happening::Event(Event::Driver(event))),
        8 => prop::bool::weighted(0.8).prop_map(Happening::WorldAnswers),
        2 => Just(Happening::TimerEnds),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    /// Over random histories: a launch only when no browser is there, READY only with a running browser, a timer for
    /// every state that waits for something other than a person, and none for the others.
    #[test]
    fn no_history_breaks_the_rules(history in prop::collection::vec(happening(), 1..60)) {
        let policy = Policy::default();
        let mut session = Session::new(Timestamp(0));
        let mut launched_began = false;
        let mut clock = Timestamp(1);
        for happening in history {
            clock = clock.plus(Duration::from_secs(1));
            let event = match happening {
                Happening::Event(event) => event,
                Happening::WorldAnswers(well) => match session.browser {
                    BrowserPhase::Launching if !launched_began => { launched_began = true; Event::LaunchBegan }
                    BrowserPhase::Launching if well => Event::Launched,
                    BrowserPhase::Launching => Event::LaunchFailed(Reason::LaunchFailed),
                    BrowserPhase::Closing => Event::Closed,
                    BrowserPhase::Running | BrowserPhase::None => continue,
                },
                Happening::TimerEnds => match session.timer {
                    Some(timer) => Event::Elapsed(timer),
                    None => continue,
                },
            };
            let before = session.clone();
            let Ok(step) = transition(&session, event.clone(), clock, &policy) else {
                prop_assert!(matches!(event, Event::Start { .. }), "only a start may be out of place: {event:?}");
                continue;
            };
            session = step.session;

            if step.effects.contains(&Effect::Launch) {
                launched_began = false;
                prop_assert!(
                    before.browser == BrowserPhase::None || event == Event::Closed,
                    "launched while the browser was {:?}", before.browser
                );
                prop_assert_eq!(session.browser, BrowserPhase::Launching);
            }
            if step.effects.contains(&Effect::End) {
                prop_assert_eq!(&session.state, &State::NotInitialized);
                prop_assert_eq!(session.browser, BrowserPhase::None);
            }
            let armed = step.effects.iter().rev().find_map(|effect| match effect {
                Effect::Arm(timer, _) => Some(Some(*timer)),
                Effect::Disarm => Some(None),
                _ => None,
            });
            if let Some(armed) = armed {
                prop_assert_eq!(armed, session.timer, "the effects and the session disagree on the timer");
            }
            if let Some(change) = &step.change {
                prop_assert_eq!(change.from, before.state.name());
                prop_assert_eq!(change.to, session.state.name());
            } else {
                prop_assert_eq!(before.state.name(), session.state.name(), "a change that nobody is told of");
            }
            match &session.state {
                State::Ready { losing, .. } => {
                    prop_assert_eq!(session.browser, BrowserPhase::Running);
                    prop_assert_eq!(losing.is_some(), session.timer == Some(Timer::LossGrace));
                }
                State::QrRequired { .. } => prop_assert_eq!(session.browser, BrowserPhase::Running),
                State::DisconnectedRecoverable { trying, attempt, .. } => {
                    prop_assert_eq!(session.browser, BrowserPhase::Running);
                    prop_assert_eq!(session.timer, Some(if *trying { Timer::Retry } else { Timer::Backoff }));
                    prop_assert!((1..=Policy::MAX_ATTEMPTS).contains(attempt));
                }
                State::Initializing(_) | State::Reconnecting(_) => {
                    prop_assert_ne!(session.browser, BrowserPhase::None, "a start that nothing drives");
                    if session.browser == BrowserPhase::Running {
                        prop_assert_eq!(session.timer, Some(Timer::Init));
                    }
                }
                State::DisconnectedLogout { .. } | State::DisconnectedBanned { .. } => {
                    prop_assert_eq!(session.timer, Some(Timer::Cleanup));
                }
                State::NotInitialized | State::AuthFailure | State::Error { .. } => {
                    prop_assert_ne!(session.browser, BrowserPhase::Running, "a browser that nobody needs");
                    prop_assert_eq!(session.timer, None);
                }
            }
        }
    }
}
