//! What the bridge says, as it says it. The page is not trusted: everything is bounded before it is looked at.

use serde::Deserialize;

/// The longest signal that is read, bytes.
const LONGEST: usize = 16 * 1024;

/// One signal of the bridge. The shapes are those of `ui/bridge/src/signals.ts`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum PageSignal {
    /// A new document began; the version of wa-js, empty if it did not load.
    Hello { bridge: String },
    /// Whether wa-js found its way into the page.
    Hooks { ok: bool },
    /// `Stream.mode`.
    Mode { mode: String },
    /// `Stream.info`.
    Info { info: String },
    /// `Socket.state`.
    Socket { state: String },
    /// The login code, or none any more; `idle` when it only stopped rotating.
    Code { code: Option<String>, idle: bool },
    /// The login code stopped rotating.
    Idle,
    /// Who is linked.
    Account {
        number: String,
        name: Option<String>,
    },
    /// How far the synchronisation is, in percent.
    Progress { percent: Option<f64> },
    /// Why the logout comes.
    LogoutReason { reason: String },
    /// The account was unlinked.
    Logout,
    /// An event of WhatsApp's own bus.
    Backend { name: String },
    /// The page asked the browser for a passkey.
    Passkey,
    /// How far a message that was sent from here has come: 1 the server has it, 2 a device, 3 it was read, 4 played.
    Acknowledged { id: String, ack: u8 },
    /// A message came in.
    Incoming {
        id: String,
        chat: String,
        kind: String,
        text: Option<String>,
        /// Seconds since 1970.
        t: Option<f64>,
    },
    /// Messages that came in so far from people whose number WhatsApp hides.
    Hidden { messages: u64 },
    /// What the screen shows, where nothing else can be read.
    Screen {
        screen: Screen,
        code: Option<String>,
    },
}

/// A screen of WhatsApp Web.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Screen {
    /// A progress bar.
    Loading,
    /// A login code.
    Code,
    /// The chats.
    Chats,
}

impl PageSignal {
    /// Reads a signal; none for what is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_read_as_the_bridge_writes_them() {
        for (text, signal) in [
            (
                r#"{"type":"hello","bridge":"4.6.0"}"#,
                PageSignal::Hello {
                    bridge: "4.6.0".into(),
                },
            ),
            (
                r#"{"type":"hooks","ok":true}"#,
                PageSignal::Hooks { ok: true },
            ),
            (r#"{"type":"idle"}"#, PageSignal::Idle),
            (
                r#"{"type":"acknowledged","id":"true_1@c.us_3EB0","ack":3}"#,
                PageSignal::Acknowledged {
                    id: "true_1@c.us_3EB0".into(),
                    ack: 3,
                },
            ),
            (
                r#"{"type":"incoming","id":"false_1@c.us_3A","chat":"1@c.us","kind":"text","text":"hola","t":7}"#,
                PageSignal::Incoming {
                    id: "false_1@c.us_3A".into(),
                    chat: "1@c.us".into(),
                    kind: "text".into(),
                    text: Some("hola".into()),
                    t: Some(7.0),
                },
            ),
            (
                r#"{"type":"hidden","messages":2}"#,
                PageSignal::Hidden { messages: 2 },
            ),
            (
                r#"{"type":"logoutReason","reason":"user_initiated"}"#,
                PageSignal::LogoutReason {
                    reason: "user_initiated".into(),
                },
            ),
            (
                r#"{"type":"code","code":null,"idle":true}"#,
                PageSignal::Code {
                    code: None,
                    idle: true,
                },
            ),
            (
                r#"{"type":"progress","percent":12.5}"#,
                PageSignal::Progress {
                    percent: Some(12.5),
                },
            ),
            (
                r#"{"type":"screen","screen":"chats","code":null}"#,
                PageSignal::Screen {
                    screen: Screen::Chats,
                    code: None,
                },
            ),
        ] {
            assert_eq!(PageSignal::read(text), Some(signal), "{text}");
        }
    }

    #[test]
    fn anything_else_is_nothing() {
        let long = format!(r#"{{"type":"mode","mode":"{}"}}"#, "x".repeat(LONGEST));
        let deep = "[".repeat(10_000);
        for text in [
            "",
            "null",
            "{}",
            "[]",
            "\u{0}",
            r#"{"type":"nope"}"#,
            r#"{"type":"mode","mode":7}"#,
            r#"{"type":"code","code":{"ref":"x"},"idle":false}"#,
            r#"{"type":"progress","percent":"NaN"}"#,
            &long,
            &deep,
        ] {
            assert_eq!(PageSignal::read(text), None, "{text:.40}");
        }
    }
}
