//! Numbers for a monitor: sums over all sessions. No cliente can be told from them, so whoever reads a monitor learns
//! nothing of an account.
//!
//! [`Report`] is what there is at the moment of a scrape and the one place where a number is added; [`Ledger`] keeps
//! what only ever grows.

mod histogram;
mod ledger;
mod report;
mod text;

pub(crate) use histogram::{Histogram, Written};
pub(crate) use ledger::Ledger;
pub(crate) use report::Report;
