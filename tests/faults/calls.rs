//! Requests with a deadline. Whoever kills what answers them cannot ask for answers that are always there, but may not be
//! left waiting.

use std::fmt::{self, Display, Formatter};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long existing callers wait for any answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How long they wait for one that starts nothing.
pub(crate) const PROMPT: Duration = Duration::from_secs(1);

/// What came back.
#[derive(Debug)]
pub(crate) enum Answer {
    /// This.
    Said(u16, Value),
    /// The connection was refused or broke: the program is gone.
    Broken(String),
    /// Nothing in time.
    Hung,
}

/// A request and what became of it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) what: &'static str,
    pub(crate) answer: Answer,
    pub(crate) took: Duration,
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} after {:?}: ", self.what, self.took)?;
        match &self.answer {
            Answer::Said(status, body) => write!(f, "{status} {body}"),
            Answer::Broken(cause) => write!(f, "no connection ({cause})"),
            Answer::Hung => f.write_str("no answer"),
        }
    }
}

impl Call {
    pub(crate) const fn is_ok(&self) -> bool {
        matches!(self.answer, Answer::Said(200, _))
    }

    pub(crate) const fn hung(&self) -> bool {
        matches!(self.answer, Answer::Hung)
    }

    /// The answer's body.
    pub(crate) const fn body(&self) -> &Value {
        match &self.answer {
            Answer::Said(_, body) => body,
            Answer::Broken(_) | Answer::Hung => &Value::Null,
        }
    }
}

/// Where requests go.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    base: String,
}

/// The program may be slow to say "no", but a client that waits longer than it promises finds out how much.
const SLACK: Duration = Duration::from_secs(5);

impl Caller {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
        }
    }

    fn make(
        &self,
        what: &'static str,
        deadline: Duration,
        request: impl FnOnce(
            &ureq::Agent,
            &str,
        ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Call {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(deadline + SLACK))
            .build()
            .into();
        let begun = Instant::now();
        let answer = request(&agent, &self.base).and_then(|mut response| {
            let text = response.body_mut().read_to_string()?;
            let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
            Ok((response.status().as_u16(), body))
        });
        let took = begun.elapsed();
        let answer = match answer {
            _ if took > deadline => Answer::Hung,
            Ok((status, body)) => Answer::Said(status, body),
            Err(ureq::Error::Timeout(_)) => Answer::Hung,
            Err(cause) => Answer::Broken(cause.to_string()),
        };
        Call { what, answer, took }
    }

    pub(crate) fn status(&self, cliente: u64) -> Call {
        self.make("GET /status", PROMPT, |agent, base| {
            agent
                .get(format!("{base}/status"))
                .header("X-Cliente-Id", cliente.to_string())
                .call()
        })
    }

    pub(crate) fn init(&self, cliente: u64) -> Call {
        self.make("POST /init", PATIENCE, |agent, base| {
            agent
                .post(format!("{base}/init"))
                .header("X-Cliente-Id", cliente.to_string())
                .send_json(json!({}))
        })
    }

    pub(crate) fn send(&self, cliente: u64) -> Call {
        let message = json!({ "to": "+54 9 11 5555-1234", "message": "hola" });
        self.make("POST /send", PATIENCE, |agent, base| {
            agent
                .post(format!("{base}/send"))
                .header("X-Cliente-Id", cliente.to_string())
                .send_json(&message)
        })
    }

    /// Sends a text for sure: under a key, waiting for what comes of it, or without either.
    pub(crate) fn send_for_sure(&self, cliente: u64, text: &str, key: Option<&str>) -> Call {
        let message = json!({ "to": "+54 9 11 5555-1234", "message": text });
        self.make("POST /send for sure", PATIENCE, |agent, base| {
            let query = if key.is_some() { "" } else { "?wait=false" };
            let mut request = agent
                .post(format!("{base}/send{query}"))
                .header("X-Cliente-Id", cliente.to_string());
            if let Some(key) = key {
                request = request.header("Idempotency-Key", key);
            }
            request.send_json(&message)
        })
    }

    /// How many messages are still to be sent.
    pub(crate) fn pending(&self) -> usize {
        ["queued", "sending"]
            .map(|status| {
                let call = self.make("GET /messages", PATIENCE, |agent, base| {
                    agent
                        .get(format!("{base}/messages?limit=500&status={status}"))
                        .call()
                });
                // Without an answer nothing is known, so it is not over.
                call.body()["messages"].as_array().map_or(1, Vec::len)
            })
            .iter()
            .sum()
    }

    /// Ends a session, and forgets the cliente if so wished.
    pub(crate) fn delete(&self, cliente: u64, forget: bool) -> Call {
        self.make("DELETE /session", PATIENCE, |agent, base| {
            agent
                .delete(format!("{base}/session/{cliente}?forget={forget}"))
                .call()
        })
    }

    /// A command of the control room about one cliente.
    pub(crate) fn control(&self, command: &'static str, cliente: u64) -> Call {
        self.make(command, PATIENCE, |agent, base| {
            agent
                .post(format!("{base}/control/{command}"))
                .send_json(json!({ "id": cliente }))
        })
    }

    /// Sets how many browsers may run at the same time; nothing leaves it to the program.
    pub(crate) fn max_browsers(&self, most: Option<u32>) -> Call {
        self.make("update_settings", PATIENCE, |agent, base| {
            agent
                .post(format!("{base}/control/update_settings"))
                .send_json(json!({ "max_browsers": most }))
        })
    }

    /// The session of a cliente as the control room sees it; null if there is none, or no answer.
    pub(crate) fn session(&self, cliente: u64) -> Value {
        self.view(cliente)["session"].clone()
    }

    /// A cliente as the control room sees it; null if there is none, or no answer.
    pub(crate) fn view(&self, cliente: u64) -> Value {
        let call = self.make("snapshot", PATIENCE, |agent, base| {
            agent
                .post(format!("{base}/control/snapshot"))
                .send_json(json!({}))
        });
        let clientes = call.body()["clientes"].as_array();
        clientes
            .and_then(|all| all.iter().find(|view| view["id"] == cliente))
            .cloned()
            .unwrap_or(Value::Null)
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.base.trim_start_matches("http://")).unwrap()
    }

    /// A connection on which half a request has been sent.
    pub(crate) fn half_open(&self) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(b"GET /status HTTP/1.1\r\nHos").unwrap();
        stream
    }

    /// An open event stream, of which the first bytes have been read.
    pub(crate) fn events(&self) -> TcpStream {
        let mut stream = self.connect();
        let host = self.base.trim_start_matches("http://");
        write!(stream, "GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut beginning = [0; 15];
        stream.read_exact(&mut beginning).unwrap();
        assert_eq!(&beginning, b"HTTP/1.1 200 OK", "no event stream");
        stream
    }
}

/// Reads until the other side ends it; tells whether it did.
pub(crate) fn drain(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 8192];
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            // A reset is an end, too.
            Err(cause) => return cause.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
    false
}
