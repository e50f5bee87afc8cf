//! The rules by themselves: what each event does in each state, and what no sequence of events can bring about.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use session_core::machine::{BrowserPhase, Effect, Event, Session, Timer, transition};
use session_core::ports::DriverEvent;
use session_core::{
    Account, LoginCode, PhoneNumber, Policy, Progress, Reason, Restart, Stage, State, StateName,
    Timestamp,
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
        spare: false,
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
            vec![
                connected,
                Event::Driver(DriverEvent::SocketLost(Reason::NetworkLost)),
                Event::Elapsed(Timer::LossGrace),
                Event::Elapsed(Timer::Backoff),
            ],
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
    let session = apply(Session::new(Timestamp(0), 7), events);
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
                // A try was under way already: it is of no use, and the browser is started anew.
                S::Error,
            ],
        ),
        (
            DriverEvent::PageUnresponsive,
            [
                S::Initializing,
                S::Reconnecting,
                qr,
                S::DisconnectedRecoverable,
                // A try was under way already: it is of no use, and the browser is started anew.
                S::Error,
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
        !step.effects.contains(&Effect::Launch {
            restore: false,
            window: false
        }),
        "launched beside a browser that is closing"
    );
    let step = transition(
        &step.session,
        Event::Closed,
        Timestamp(1),
        &Policy::default(),
    )
    .unwrap();
    assert_eq!(
        step.effects,
        [Effect::Launch {
            restore: false,
            window: false
        }]
    );
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
        Timer::Restart,
        Timer::Ack,
        Timer::SelfTest,
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
        (session.state.name(), session.reason),
        (StateName::Error, Some(Reason::RetriesExhausted))
    );
}

/// Where an event leads and what it asks for.
fn step(session: &Session, event: Event, at: u64) -> session_core::machine::Step {
    transition(session, event, Timestamp(at), &Policy::default()).unwrap()
}

fn restart_of(session: &Session) -> Option<Restart> {
    match session.state {
        State::Error { restart } => restart,
        _ => None,
    }
}

#[test]
fn a_dead_browser_is_started_anew_three_times_and_then_left() {
    let policy = Policy::default();
    let mut session = in_state(StateName::Ready);
    let mut now = 1_000;
    for attempt in 1..=3_u32 {
        session = step(&session, Event::Driver(DriverEvent::BrowserExited), now).session;
        let restart = restart_of(&session).unwrap();
        assert_eq!((restart.attempt, restart.last), (attempt, Some(3)));
        let pause = policy.restart_backoff[attempt as usize - 1].as_millis();
        let planned = u128::from(restart.at.0 - now);
        assert!(
            planned >= pause * 8 / 10 && planned <= pause * 12 / 10,
            "restart {attempt} after {planned} ms"
        );
        session = step(&session, Event::Closed, now).session;
        now = restart.at.0;
        let restarted = step(&session, Event::Elapsed(Timer::Restart), now);
        assert_eq!(restarted.session.state.name(), StateName::Reconnecting);
        assert_eq!(restarted.session.reason, Some(Reason::Restarted));
        session = restarted.session;
        for event in [
            Event::LaunchBegan,
            Event::Launched,
            Event::Driver(DriverEvent::Connected(account())),
        ] {
            session = step(&session, event, now).session;
        }
    }
    let left = step(&session, Event::Driver(DriverEvent::BrowserExited), now).session;
    assert_eq!(
        (left.state, left.reason),
        (State::Error { restart: None }, Some(Reason::KeepsFailing))
    );
    // One that worked for a while is not made to wait longer, but still counted.
    let fresh = step(
        &in_state(StateName::Ready),
        Event::Driver(DriverEvent::BrowserExited),
        1_000,
    );
    let mut steady = fresh.session;
    for event in [
        Event::Closed,
        Event::Elapsed(Timer::Restart),
        Event::LaunchBegan,
        Event::Launched,
        Event::Driver(DriverEvent::Connected(account())),
    ] {
        steady = step(&steady, event, 3_000).session;
    }
    let second = step(&steady, Event::Driver(DriverEvent::BrowserExited), 64_000).session;
    let restart = restart_of(&second).unwrap();
    assert_eq!(restart.attempt, 2);
    assert!(
        restart.at.0 - 64_000 <= 1_200,
        "waits {} ms",
        restart.at.0 - 64_000
    );
    // Old failures are forgiven.
    let later = now + 6 * 60 * 1000;
    let again = step(&session, Event::Driver(DriverEvent::BrowserExited), later).session;
    assert_eq!(restart_of(&again).unwrap().attempt, 1);
}

#[test]
fn what_only_a_person_can_change_is_not_tried_again() {
    for reason in [
        Reason::BrowserNotFound,
        Reason::SandboxUnavailable,
        Reason::ProfileInUse,
        Reason::LaunchFailed,
    ] {
        let launching = apply(
            Session::new(Timestamp(0), 7),
            [start(true), Event::LaunchBegan],
        );
        let failed = step(&launching, Event::LaunchFailed(reason), 1).session;
        assert_eq!(failed.state, State::Error { restart: None }, "{reason:?}");
    }
    let outdated = apply(
        in_state(StateName::Ready),
        [Event::Driver(DriverEvent::Outdated)],
    );
    assert_eq!(outdated.state, State::Error { restart: None });
}

#[test]
fn a_start_without_an_end_keeps_a_picture_and_is_tried_once_more() {
    let session = in_state(StateName::Reconnecting);
    let failed = step(&session, Event::Elapsed(Timer::Init), 1);
    assert_eq!(failed.session.reason, Some(Reason::InitTimeout));
    let picture = failed
        .effects
        .iter()
        .position(|e| *e == Effect::KeepPicture);
    let close = failed.effects.iter().position(|e| *e == Effect::Close);
    assert!(picture.is_some() && picture < close, "{:?}", failed.effects);
    assert_eq!(restart_of(&failed.session).unwrap().last, Some(1));
    let again = apply(
        failed.session,
        [
            Event::Closed,
            Event::Elapsed(Timer::Restart),
            Event::LaunchBegan,
            Event::Launched,
            Event::Elapsed(Timer::Init),
        ],
    );
    assert_eq!(
        (again.state, again.reason),
        (State::Error { restart: None }, Some(Reason::InitTimeout))
    );
}

#[test]
fn a_page_that_crashes_again_at_once_is_not_loaded_for_ever() {
    let crash = || Event::Driver(DriverEvent::PageCrashed);
    for name in [
        StateName::Initializing,
        StateName::Reconnecting,
        StateName::QrRequired,
    ] {
        let first = step(&in_state(name), crash(), 1);
        assert!(first.effects.contains(&Effect::Reload), "{name:?}");
        assert_eq!(first.session.state.name(), name);
        let second = step(&first.session, crash(), 2);
        assert!(!second.effects.contains(&Effect::Reload), "{name:?}");
        assert_eq!(second.session.reason, Some(Reason::PageCrashed));
        assert!(restart_of(&second.session).is_some(), "{name:?}");
    }
}

#[test]
fn without_restarts_a_failure_keeps_its_reason() {
    let policy = Policy {
        restarts: 0,
        ..Policy::default()
    };
    let died = Event::Driver(DriverEvent::BrowserExited);
    let left = transition(&in_state(StateName::Ready), died, Timestamp(1), &policy).unwrap();
    assert_eq!(
        (left.session.state, left.session.reason),
        (State::Error { restart: None }, Some(Reason::BrowserDied))
    );
}

#[test]
fn without_a_network_it_goes_on_until_there_is_one() {
    let mut session = in_state(StateName::DisconnectedRecoverable);
    for attempt in 1..=3 {
        session = apply(session, [Event::Elapsed(Timer::Retry)]);
        if attempt < 3 {
            session = apply(session, [Event::Elapsed(Timer::Backoff)]);
        }
    }
    for (nth, expected) in [30, 60, 120, 300, 300].into_iter().enumerate() {
        let restart = restart_of(&session).unwrap();
        assert_eq!(restart.attempt as usize, nth + 1);
        assert_eq!(restart.last, None);
        let pause = (restart.at.0 - 1) / 1000;
        assert!(
            pause >= expected * 8 / 10 && pause <= expected * 12 / 10,
            "{pause} s instead of {expected}"
        );
        if session.browser == BrowserPhase::Closing {
            session = apply(session, [Event::Closed]);
        }
        session = apply(
            session,
            [
                Event::Elapsed(Timer::Restart),
                Event::LaunchBegan,
                Event::LaunchFailed(Reason::PageUnreachable),
            ],
        );
    }
    let back = apply(
        session,
        [
            Event::Elapsed(Timer::Restart),
            Event::LaunchBegan,
            Event::Launched,
            Event::Driver(DriverEvent::Connected(account())),
            Event::Driver(DriverEvent::BrowserExited),
        ],
    );
    assert_eq!(
        restart_of(&back).unwrap().attempt,
        1,
        "the network's failures count against the browser"
    );
}
