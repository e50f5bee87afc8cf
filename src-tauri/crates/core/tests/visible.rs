//! The rules of showing a browser and hiding it again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use session_core::machine::{BrowserPhase, Effect, Event, Session, Step, transition};
use session_core::ports::DriverEvent;
use session_core::{
    Account, Login, LoginCode, PhoneNumber, Policy, Reason, State, StateName, Timestamp,
};

fn step(session: &Session, event: Event) -> Step {
    transition(session, event, Timestamp(1), &Policy::default()).unwrap()
}

fn run(session: Session, events: impl IntoIterator<Item = Event>) -> Session {
    events
        .into_iter()
        .fold(session, |session, event| step(&session, event).session)
}

fn connected() -> Event {
    Event::Driver(DriverEvent::Connected(Account {
        number: PhoneNumber::parse("5491155550001").unwrap(),
        name: None,
    }))
}

fn code() -> Event {
    Event::Driver(DriverEvent::Code(LoginCode::new("one")))
}

fn begun(saved_login: bool, reason: Reason) -> Session {
    let start = Event::Start {
        saved_login,
        spare: false,
        reason,
    };
    let up = [start, Event::LaunchBegan, Event::Launched];
    run(Session::new(Timestamp(0), 7), up)
}

fn ready(reason: Reason) -> Session {
    run(begun(true, reason), [connected()])
}

const LAUNCH_SHOWN: Effect = Effect::Launch {
    restore: false,
    window: true,
};
const LAUNCH_HIDDEN: Effect = Effect::Launch {
    restore: false,
    window: false,
};

#[test]
fn a_hidden_browser_ends_before_a_shown_one_begins() {
    // Rows: the session, the state it goes to.
    let table = [
        (begun(false, Reason::Restored), StateName::Initializing),
        (begun(true, Reason::Restored), StateName::Reconnecting),
        (
            run(begun(false, Reason::Restored), [code()]),
            StateName::Initializing,
        ),
        (ready(Reason::Restored), StateName::Reconnecting),
    ];
    for (session, to) in table {
        let shown = step(&session, Event::Show);
        assert_eq!(shown.session.state.name(), to);
        assert_eq!(shown.session.reason, Some(Reason::BrowserShown));
        assert_eq!(shown.session.browser, BrowserPhase::Closing);
        assert!(
            shown.effects.contains(&Effect::Close),
            "{:?}",
            shown.effects
        );
        assert!(!shown.effects.contains(&LAUNCH_SHOWN), "two at once");
        let next = step(&shown.session, Event::Closed);
        assert_eq!(next.effects, [LAUNCH_SHOWN]);
        assert!(next.session.is_visible());
    }
}

#[test]
fn a_shown_browser_is_raised_and_not_started_anew() {
    let shown = ready(Reason::BrowserShown);
    assert!(shown.is_visible());
    let again = step(&shown, Event::Show);
    assert_eq!(
        (again.effects, &again.session),
        (vec![Effect::Raise], &shown)
    );
    // One that is on its way needs nothing.
    let coming = step(&run(ready(Reason::Restored), [Event::Show]), Event::Show);
    assert_eq!(coming.effects, []);
}

#[test]
fn hiding_and_closing_the_window_both_go_on_without_one() {
    for (event, reason) in [
        (Event::Hide, Reason::BrowserHidden),
        (
            Event::Driver(DriverEvent::WindowClosed),
            Reason::WindowClosed,
        ),
    ] {
        let left = step(&ready(Reason::BrowserShown), event);
        assert_eq!(left.session.state.name(), StateName::Reconnecting);
        assert_eq!(left.session.reason, Some(reason));
        let change = left.change.as_ref().unwrap();
        assert_eq!((change.from, change.reason), (StateName::Ready, reason));
        let next = step(&left.session, Event::Closed);
        assert_eq!(next.effects, [LAUNCH_HIDDEN]);
        assert!(!next.session.is_visible());
    }
    let hidden = ready(Reason::Restored);
    assert_eq!(step(&hidden, Event::Hide).session, hidden);
}

#[test]
fn a_change_of_mind_costs_no_browser() {
    let closing = run(ready(Reason::Restored), [Event::Show, Event::Hide]);
    assert_eq!(step(&closing, Event::Closed).effects, [LAUNCH_HIDDEN]);
}

#[test]
fn a_session_that_has_ended_is_started_and_not_shown() {
    let stopped = Session::new(Timestamp(0), 7);
    assert!(transition(&stopped, Event::Show, Timestamp(1), &Policy::default()).is_err());
    let start = Event::Start {
        saved_login: true,
        spare: false,
        reason: Reason::BrowserShown,
    };
    assert_eq!(step(&stopped, start).effects, [LAUNCH_SHOWN]);
}

#[test]
fn a_window_that_cannot_open_leaves_the_session_running() {
    for reason in [Reason::WindowUnavailable, Reason::LaunchFailed] {
        let shown = run(
            ready(Reason::Restored),
            [Event::Show, Event::Closed, Event::LaunchBegan],
        );
        let failed = step(&shown, Event::LaunchFailed(reason));
        assert!(failed.effects.contains(&LAUNCH_HIDDEN), "{reason:?}");
        assert_eq!(failed.session.notice, Some(Reason::WindowUnavailable));
        assert_eq!(failed.session.state.name(), StateName::Reconnecting);
    }
}

#[test]
fn what_is_looked_at_does_not_sleep() {
    let shown = ready(Reason::BrowserShown);
    assert!(transition(&shown, Event::Hibernate, Timestamp(1), &Policy::default()).is_err());
}

#[test]
fn a_passkey_brings_the_window_to_the_front_if_there_is_one() {
    for (reason, effects) in [
        (Reason::StartRequested, vec![]),
        (Reason::BrowserShown, vec![Effect::Raise]),
    ] {
        let waiting = run(begun(false, reason), [code()]);
        let asked = step(&waiting, Event::Driver(DriverEvent::PasskeyRequested));
        assert_eq!(asked.effects, effects);
        let State::QrRequired { login, .. } = asked.session.state else {
            panic!("{:?}", asked.session.state);
        };
        assert_eq!(login, Login::Passkey);
    }
}

#[test]
fn a_restart_by_itself_keeps_the_window_and_a_stop_does_not() {
    let failed = run(
        ready(Reason::BrowserShown),
        [Event::Driver(DriverEvent::BrowserExited), Event::Closed],
    );
    assert!(
        !failed.is_visible(),
        "there is nothing to see until it is back"
    );
    let timer = failed.timer.unwrap();
    assert_eq!(
        step(&failed, Event::Elapsed(timer)).effects[0],
        LAUNCH_SHOWN
    );
    let stopped = run(
        ready(Reason::BrowserShown),
        [Event::Stop(Reason::StopRequested), Event::Closed],
    );
    let start = Event::Start {
        saved_login: true,
        spare: false,
        reason: Reason::StartRequested,
    };
    assert_eq!(step(&stopped, start).effects, [LAUNCH_HIDDEN]);
}

#[test]
fn what_was_already_over_only_loses_its_browser() {
    let out = run(
        ready(Reason::BrowserShown),
        [Event::Driver(DriverEvent::LoggedOut(Reason::LoggedOut))],
    );
    let closed = step(&out, Event::Driver(DriverEvent::WindowClosed));
    assert_eq!(closed.session.state, out.state);
    assert_eq!(closed.effects, [Effect::Close]);
}
