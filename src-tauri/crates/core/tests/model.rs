//! The rules over random histories, in a world that answers: what no history can bring about, and that every history
//! comes to rest. `MODEL_CASES` sets how many are tried.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use session_core::machine::{BrowserPhase, Effect, Event, Session, Step, Timer, transition};
use session_core::ports::DriverEvent;
use session_core::{
    Account, Ack, LoginCode, MessageId, PhoneNumber, Policy, Progress, Reason, Stage, State,
    Timestamp,
};

/// A session in its world, and the last thing that happened to it.
#[derive(Clone, Debug)]
struct World {
    session: Session,
    now: Timestamp,
    /// Whether the launch left the queue.
    began: bool,
    last: Option<Step>,
}

/// What may happen next.
#[derive(Clone, Debug)]
enum Happening {
    Event(Event),
    /// What is under way with the browser comes to its end, well or not.
    BrowserDone(Option<Reason>),
    /// This timer ends, if it runs.
    Elapsed(Timer),
    /// A while passes.
    Pause(u64),
}

fn account(number: &str) -> Account {
    Account {
        number: PhoneNumber::parse(number).unwrap_or_else(|error| panic!("{error}")),
        name: None,
    }
}

fn message(number: u8) -> MessageId {
    MessageId::new(format!("true_5491155551234@c.us_3EB0{number:02X}"))
}

fn driver_event() -> impl Strategy<Value = DriverEvent> {
    let stages = [Stage::Loading, Stage::Linking, Stage::Syncing];
    prop_oneof![
        2 => select(stages.to_vec()).prop_map(|stage| DriverEvent::Progress(Progress { stage, percent: None })),
        4 => any::<bool>().prop_map(|one| DriverEvent::Code(LoginCode::new(if one { "one" } else { "two" }))),
        2 => Just(DriverEvent::CodeTaken),
        1 => Just(DriverEvent::CodeIdle),
        1 => Just(DriverEvent::PasskeyRequested),
        5 => Just(DriverEvent::Connected(account("5491155550001"))),
        1 => Just(DriverEvent::Connected(account("5491155550002"))),
        2 => Just(DriverEvent::SocketLost(Reason::NetworkLost)),
        1 => Just(DriverEvent::LoggedOut(Reason::LoggedOut)),
        1 => Just(DriverEvent::LoggedOut(Reason::Conflict)),
        1 => Just(DriverEvent::Banned(Reason::Banned)),
        1 => Just(DriverEvent::LoginRefused),
        1 => Just(DriverEvent::Outdated),
        1 => Just(DriverEvent::StorageFailed),
        2 => (0..4_u8).prop_map(|number| DriverEvent::Acknowledged(message(number), Ack::Server)),
        1 => Just(DriverEvent::Bridge(Some(Reason::BridgeOutdated))),
        2 => Just(DriverEvent::PageCrashed),
        2 => Just(DriverEvent::PageUnresponsive),
        2 => Just(DriverEvent::BrowserExited),
        1 => Just(DriverEvent::WindowClosed),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let starts = [
        Reason::StartRequested,
        Reason::Restored,
        Reason::Woken,
        Reason::BrowserShown,
    ];
    prop_oneof![
        6 => (any::<bool>(), any::<bool>(), select(starts.to_vec())).prop_map(|(saved_login, spare, reason)| {
            Event::Start { saved_login, spare: spare && saved_login, reason }
        }),
        1 => Just(Event::Stop(Reason::StopRequested)),
        1 => Just(Event::Abort(Reason::DiskFull)),
        1 => Just(Event::Hibernate),
        3 => Just(Event::Show),
        2 => Just(Event::Hide),
        1 => Just(Event::LoggedOutHere),
        2 => Just(Event::ReloadFailed),
        1 => any::<(bool, bool)>().prop_map(|(used, more)| Event::SpareUsed { used, more }),
        2 => (0..4_u8).prop_map(|number| Event::Sent(message(number))),
        1 => Just(Event::Doubted(Reason::CallsFailing)),
        1 => any::<bool>().prop_map(Event::SelfTest),
        1 => Just(Event::Dismissed),
        20 => driver_event().prop_map(Event::Driver),
    ]
}

const TIMERS: [Timer; 9] = [
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

/// How a launch can fail.
const FAILURES: [Reason; 6] = [
    Reason::WindowUnavailable,
    Reason::LaunchFailed,
    Reason::PageUnreachable,
    Reason::ProfileUnusable,
    Reason::CapacityReached,
    Reason::BrowserNotFound,
];

impl World {
    /// The event that this is, here; nothing where it cannot happen.
    fn event(&self, happening: &Happening) -> Option<Event> {
        match happening {
            Happening::Event(event) => Some(event.clone()),
            Happening::BrowserDone(failure) => match (self.session.browser, failure) {
                (BrowserPhase::Launching, None) if !self.began => Some(Event::LaunchBegan),
                (BrowserPhase::Launching, None) => Some(Event::Launched),
                (BrowserPhase::Launching, Some(reason)) => Some(Event::LaunchFailed(*reason)),
                (BrowserPhase::Closing, _) => Some(Event::Closed),
                (BrowserPhase::Running | BrowserPhase::None, _) => None,
            },
            Happening::Elapsed(timer) => {
                let running = [self.session.timer, self.session.delivery.timer];
                running
                    .contains(&Some(*timer))
                    .then_some(Event::Elapsed(*timer))
            }
            Happening::Pause(_) => None,
        }
    }

    /// Lets it happen. Only what is out of place changes nothing.
    fn happen(&mut self, happening: &Happening) -> Result<(), String> {
        self.last = None;
        self.now = self.now.plus(Duration::from_secs(match happening {
            Happening::Pause(seconds) => *seconds,
            _ => 1,
        }));
        let Some(event) = self.event(happening) else {
            return Ok(());
        };
        match transition(&self.session, event.clone(), self.now, &Policy::default()) {
            Ok(step) => {
                if event == Event::LaunchBegan {
                    self.began = true;
                }
                if step
                    .effects
                    .iter()
                    .any(|effect| matches!(effect, Effect::Launch { .. }))
                {
                    self.began = false;
                }
                self.session = step.session.clone();
                self.last = Some(step);
                Ok(())
            }
            Err(_) if matches!(event, Event::Start { .. } | Event::Hibernate | Event::Show) => {
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The rules in their world. What may happen depends on nothing that the rules decide.
struct Rules;

impl ReferenceStateMachine for Rules {
    type State = World;
    type Transition = Happening;

    fn init_state() -> BoxedStrategy<World> {
        any::<u64>()
            .prop_map(|seed| World {
                session: Session::new(Timestamp(0), seed),
                now: Timestamp(1),
                began: false,
                last: None,
            })
            .boxed()
    }

    fn transitions(_: &World) -> BoxedStrategy<Happening> {
        prop_oneof![
            10 => event().prop_map(Happening::Event),
            12 => Just(Happening::BrowserDone(None)),
            2 => select(FAILURES.as_slice()).prop_map(|reason| Happening::BrowserDone(Some(reason))),
            5 => select(TIMERS.as_slice()).prop_map(Happening::Elapsed),
            1 => (1..400_u64).prop_map(Happening::Pause),
        ]
        .boxed()
    }

    fn apply(mut world: World, happening: &Happening) -> World {
        if let Err(error) = world.happen(happening) {
            panic!("{happening:?} cannot be refused: {error}");
        }
        world
    }
}

/// Sees only what a session asks for, as its owner does, and keeps count.
#[derive(Debug, Default)]
struct Owner {
    /// Browsers that live or come up.
    browsers: u32,
    /// Whether the last one has a window.
    window: bool,
    timers: Vec<Timer>,
    /// Callers of a start that have not been answered.
    callers: u32,
}

impl Owner {
    fn carry_out(&mut self, before: &World, happening: &Happening, after: &World) {
        let Some(step) = &after.last else { return };
        match before.event(happening) {
            Some(Event::Closed | Event::LaunchFailed(_)) => {
                assert_eq!(self.browsers, 1, "a browser ended that nobody started");
                self.browsers = 0;
            }
            Some(Event::Elapsed(timer)) => self.timers.retain(|running| *running != timer),
            Some(Event::Start { .. }) => self.callers += 1,
            _ => {}
        }
        for effect in &step.effects {
            match effect {
                Effect::Launch { window, .. } => {
                    assert_eq!(self.browsers, 0, "a second browser");
                    self.browsers = 1;
                    self.window = *window;
                }
                Effect::Arm(timer, _) => {
                    let of_the_delivery =
                        |timer: &Timer| matches!(timer, Timer::Ack | Timer::SelfTest);
                    self.timers
                        .retain(|running| of_the_delivery(running) != of_the_delivery(timer));
                    self.timers.push(*timer);
                }
                Effect::Disarm(timer) => self.timers.retain(|running| running != timer),
                Effect::Raise => {
                    assert!(self.window, "a window that is not there is raised");
                }
                Effect::Close | Effect::Reload | Effect::KeepPicture | Effect::TestSelf => {
                    assert_eq!(self.browsers, 1, "{effect:?} without a browser");
                }
                Effect::End => {
                    assert_eq!(self.browsers, 0, "the session ended before its browser");
                    assert_eq!(after.session.state, State::NotInitialized);
                }
                Effect::RefreshCode | Effect::MarkLogin(_) | Effect::Remember(_) => {}
            }
        }
        if !after.session.state.is_starting() {
            self.callers = 0;
        }
        let (from, to) = (before.session.state.name(), after.session.state.name());
        match &step.change {
            Some(change) => assert_eq!((change.from, change.to), (from, to)),
            None => assert_eq!(from, to, "a change that nobody is told of"),
        }
    }

    fn check(&self, world: &World) {
        let session = &world.session;
        assert_eq!(
            self.browsers > 0,
            session.browser != BrowserPhase::None,
            "the session and its owner disagree on the browser"
        );
        let mut running: Vec<Timer> = [session.timer, session.delivery.timer]
            .into_iter()
            .flatten()
            .collect();
        let mut known = self.timers.clone();
        running.sort_by_key(|timer| format!("{timer:?}"));
        known.sort_by_key(|timer| format!("{timer:?}"));
        assert_eq!(
            known, running,
            "the session and its owner disagree on the timers"
        );
        let up = session.browser == BrowserPhase::Running;
        match &session.state {
            State::Ready { losing, .. } => {
                assert!(up, "READY without a browser");
                assert_eq!(losing.is_some(), session.timer == Some(Timer::LossGrace));
            }
            State::QrRequired { .. } => assert!(up, "a code without a browser"),
            State::DisconnectedRecoverable {
                trying, attempt, ..
            } => {
                assert!(up);
                assert_eq!(
                    session.timer,
                    Some(if *trying {
                        Timer::Retry
                    } else {
                        Timer::Backoff
                    })
                );
                assert!((1..=Policy::MAX_ATTEMPTS).contains(attempt));
            }
            State::Initializing(_) | State::Reconnecting(_) => {
                assert!(self.browsers > 0, "a start that nothing drives");
                if up {
                    assert_eq!(session.timer, Some(Timer::Init));
                }
            }
            State::Error { restart } => {
                assert_eq!(restart.is_some(), session.timer == Some(Timer::Restart));
                assert!(!up, "failed, and the browser goes on");
            }
            State::DisconnectedLogout { .. } | State::DisconnectedBanned { .. } => {
                assert_eq!(session.timer, Some(Timer::Cleanup));
            }
            State::NotInitialized | State::AuthFailure => assert_eq!(session.timer, None),
        }
        if !matches!(session.state, State::Ready { .. }) {
            assert_eq!(
                session.delivery.timer, None,
                "messages are watched without a connection"
            );
        }
        assert!(!session.hibernated || session.state == State::NotInitialized);
        if matches!(
            session.browser,
            BrowserPhase::Launching | BrowserPhase::Running
        ) && !session.state.is_over()
        {
            assert_eq!(
                session.is_visible(),
                self.window,
                "the session and its browser disagree on the window"
            );
        }
        if session.state == State::NotInitialized {
            assert!(!session.is_visible(), "what was stopped comes back hidden");
        }
    }
}

struct Watched;

impl StateMachineTest for Watched {
    type SystemUnderTest = (Owner, World);
    type Reference = Rules;

    fn init_test(world: &World) -> (Owner, World) {
        (Owner::default(), world.clone())
    }

    fn apply(
        (mut owner, before): (Owner, World),
        after: &World,
        happening: Happening,
    ) -> (Owner, World) {
        owner.carry_out(&before, &happening, after);
        (owner, after.clone())
    }

    fn check_invariants((owner, _): &(Owner, World), world: &World) {
        owner.check(world);
    }

    /// Nothing happens any more but what is under way: everything comes to rest, and nobody waits for an answer. Only
    /// the wait for a network may go on for ever.
    fn teardown((mut owner, mut world): (Owner, World), _: World) {
        for _ in 0..200 {
            let session = &world.session;
            let for_ever = |timer: Timer| timer == Timer::SelfTest;
            let next = if matches!(
                session.browser,
                BrowserPhase::Launching | BrowserPhase::Closing
            ) {
                Happening::BrowserDone(None)
            } else if let Some(timer) = session.timer {
                Happening::Elapsed(timer)
            } else if let Some(timer) = session.delivery.timer.filter(|timer| !for_ever(*timer)) {
                Happening::Elapsed(timer)
            } else {
                assert_eq!(owner.callers, 0, "a start was never answered");
                return;
            };
            let before = world.clone();
            if let Err(error) = world.happen(&next) {
                panic!("{error}");
            }
            owner.carry_out(&before, &next, &world);
            owner.check(&world);
        }
        panic!("never comes to rest: {:?}", world.session);
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_history_breaks_the_rules(sequential 1..60 => Watched);
}
