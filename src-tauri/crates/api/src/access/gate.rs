//! Whether a request may use its route: the key that it shows, or the ticket, and the scope of the route.
//!
//! A key that is shown is looked at even where none is needed, so that a tool learns of a wrong one before the day on
//! which keys are needed, and a key without a scope never does what the scope is for.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::Access;
use super::credentials::{self, Shown};
use super::tickets::{Ticket, Tickets};
use crate::bounds::Shape;
use crate::error::ErrorCode;
use crate::guard::Caller;
use crate::keys::{Key, Scope};
use crate::owner::Owner;
use crate::peer::Peer;
use crate::rate::{Rate, Standing};

/// Wrong keys in a minute from one address that is not of this machine.
const GUESSES: u32 = 10;

/// What a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing, ever: what asks whether the program lives must not be turned away for a key that was revoked.
    Nothing,
    /// A key with this scope.
    Key(Scope),
    /// A key that reads, or a ticket that one of them got.
    KeyOrTicket,
    /// Any key, and only where other machines can reach this one, or for another user of this one: files of a page, which
    /// hold no data.
    KeyFromAfar,
}

impl Needs {
    const fn scope(self) -> Option<Scope> {
        match self {
            Self::Key(scope) => Some(scope),
            Self::KeyOrTicket => Some(Scope::Read),
            Self::Nothing | Self::KeyFromAfar => None,
        }
    }
}

/// What all routes share for it.
pub(crate) struct Gate {
    access: Arc<Access>,
    /// Whether other machines can reach this one: then everybody needs a key.
    exposed: bool,
    wrong: Option<Rate<IpAddr>>,
    tickets: Tickets,
}

/// A request that was let in. What goes on for long asks now and then whether it still may.
#[derive(Clone)]
pub(crate) struct Pass {
    gate: Arc<Gate>,
    key: Option<Arc<Key>>,
    /// A page of the control room.
    own: bool,
}

/// Whose key was shown, for the log of calls.
#[derive(Clone, Debug)]
pub(crate) struct KeyName(pub(crate) String);

/// What one route needs, and how its refusals look.
#[derive(Clone, Copy)]
pub(super) struct Lock {
    pub(super) needs: Needs,
    pub(super) shape: Shape,
}

enum Refusal {
    Missing,
    /// The same, of another user of this machine.
    Stranger,
    Wrong,
    Several,
    Ticket,
    /// The key lacks it.
    Scope(Scope, Arc<Key>),
    TooMany(Standing),
}

impl Gate {
    pub(crate) fn new(access: Arc<Access>, exposed: bool) -> Self {
        Self {
            access,
            exposed,
            wrong: Rate::new(GUESSES),
            tickets: Tickets::default(),
        }
    }

    /// Of a caller that may do what this program's user may.
    fn is_required(&self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing => false,
            Needs::KeyFromAfar => self.exposed,
            Needs::Key(_) | Needs::KeyOrTicket => self.exposed || self.access.key_required(),
        }
    }

    /// Pages of the control room pass without a key, but only on this machine and for its own user.
    fn trusts(&self, extensions: &Extensions) -> bool {
        !self.exposed
            && !is_stranger(extensions)
            && extensions.get::<Caller>() == Some(&Caller::Page)
    }

    fn verify(&self, shown: &[u8], peer: Peer) -> Result<Arc<Key>, Refusal> {
        // Whoever is on this machine has no need to guess slowly, and must not be shut out by others.
        let guesses = self.wrong.as_ref().filter(|_| !peer.is_local());
        if let Some(guesses) = guesses
            && let Some(standing) = guesses.exhausted(peer.ip())
        {
            return Err(Refusal::TooMany(standing));
        }
        let found = self.access.keys().and_then(|keys| keys.verify(shown));
        let Some(key) = found else {
            if let Some(guesses) = guesses {
                guesses.take(peer.ip()).map_err(Refusal::TooMany)?;
            }
            tracing::warn!("a call with a wrong API key was refused");
            return Err(Refusal::Wrong);
        };
        self.note_use(&key);
        Ok(key)
    }

    /// Written down beside the request, which does not wait for a disk.
    fn note_use(&self, key: &Arc<Key>) {
        if let Some(keys) = self.access.keys()
            && keys.is_first_today(key)
        {
            let (keys, key) = (Arc::clone(keys), Arc::clone(key));
            tokio::task::spawn_blocking(move || keys.write_use(&key));
        }
    }

    fn redeem(&self, ticket: &str) -> Result<Option<Arc<Key>>, Refusal> {
        let Ticket { key, .. } = self.tickets.redeem(ticket).ok_or(Refusal::Ticket)?;
        match &key {
            Some(key) if !self.holds(key) => Err(Refusal::Ticket),
            _ => Ok(key),
        }
    }

    fn holds(&self, key: &Key) -> bool {
        self.access.keys().is_some_and(|keys| keys.still(key))
    }

    /// Whose key it is, if there is one; or why the request is refused.
    fn admit(&self, needs: Needs, request: &Request) -> Result<Option<Arc<Key>>, Refusal> {
        let ticket = (needs == Needs::KeyOrTicket)
            .then(|| ticket(request.uri().query().unwrap_or_default()))
            .flatten();
        let key = match credentials::read(request.headers()) {
            Shown::Several => return Err(Refusal::Several),
            Shown::Key(shown) => Some(self.verify(shown, Peer::of(request.extensions()))?),
            Shown::Nothing => match ticket {
                Some(ticket) => self.redeem(ticket)?,
                None => None,
            },
        };
        match (key, needs.scope()) {
            (Some(key), Some(scope)) if !key.scopes.allow(scope) => Err(Refusal::Scope(scope, key)),
            (Some(key), _) => Ok(Some(key)),
            // Nor does a ticket that nobody's key asked for open what needs one.
            (None, _) => {
                let extensions = request.extensions();
                if is_stranger(extensions) && needs != Needs::Nothing {
                    Err(Refusal::Stranger)
                } else if self.is_required(needs) && !self.trusts(extensions) {
                    Err(Refusal::Missing)
                } else {
                    Ok(None)
                }
            }
        }
    }
}

impl Pass {
    /// Whether what was let in may go on.
    pub(crate) fn holds(&self) -> bool {
        match &self.key {
            Some(key) => self.gate.holds(key),
            None => self.own || !self.gate.is_required(Needs::KeyOrTicket),
        }
    }

    /// A ticket with which a stream may do what this request may.
    pub(crate) fn ticket(&self) -> Option<String> {
        self.gate.tickets.issue(self.key.clone())
    }
}

/// Whether another user of this machine calls, or may.
fn is_stranger(extensions: &Extensions) -> bool {
    extensions
        .get()
        .is_some_and(|owner: &Owner| owner.is_stranger())
}

/// The one ticket in a query; of two, the first. What is no ticket is none that was given out.
fn ticket(query: &str) -> Option<&str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("ticket="))
}

/// The middleware.
pub(super) async fn authorize(
    State(lock): State<Lock>,
    mut request: Request,
    next: Next,
) -> Response {
    if lock.needs == Needs::Nothing {
        return next.run(request).await;
    }
    let Some(gate) = request.extensions().get::<Arc<Gate>>().map(Arc::clone) else {
        // Nobody looked at this request before: a mistake of ours must not open anything.
        tracing::error!("a request came past the guard");
        return lock
            .shape
            .answer(ErrorCode::InternalError, "Internal server error");
    };
    match gate.admit(lock.needs, &request) {
        Ok(key) => {
            let own = gate.trusts(request.extensions());
            let extensions = request.extensions_mut();
            extensions.insert(Pass {
                gate,
                key: key.clone(),
                own,
            });
            let mut response = next.run(request).await;
            name(response.extensions_mut(), key.as_deref());
            response
        }
        Err(refusal) => refusal.answer(lock.shape),
    }
}

fn name(extensions: &mut Extensions, key: Option<&Key>) {
    if let Some(key) = key {
        extensions.insert(KeyName(key.name.clone()));
    }
}

impl Refusal {
    fn answer(self, shape: Shape) -> Response {
        let unauthorized = |message| {
            let mut response = shape.answer(ErrorCode::Unauthorized, message);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        };
        match self {
            Self::Missing => unauthorized(
                "An API key is required - send it as \"Authorization: Bearer\" or \"X-API-Key\"",
            ),
            Self::Stranger => unauthorized(
                "Another user of this machine needs an API key here - make one with \"session-manager keys create NAME \
                 --scope read,send\" as the user that runs it, or run it with --allow-other-users",
            ),
            Self::Wrong => unauthorized("This API key is not valid - create or rotate one"),
            Self::Several => unauthorized("Different API keys were sent - send one, in one header"),
            Self::Ticket => unauthorized(
                "This ticket is not valid - POST /events/ticket gives one that works once within 30 s",
            ),
            Self::Scope(scope, key) => {
                let message =
                    format!("This API key lacks the scope \"{scope}\" - use one that has it");
                let mut response = shape.answer(ErrorCode::Forbidden, &message);
                name(response.extensions_mut(), Some(&key));
                response
            }
            Self::TooMany(standing) => standing.refuse("wrong keys from this address"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_found_in_a_query() {
        for (query, found) in [
            ("", None),
            ("cliente_id=7", None),
            ("ticket=a", Some("a")),
            ("ticket=", Some("")),
            ("cliente_id=7&ticket=a&ticket=b", Some("a")),
            ("tickets=a&xticket=b&ticket", None),
        ] {
            assert_eq!(ticket(query), found, "{query}");
        }
    }
}
