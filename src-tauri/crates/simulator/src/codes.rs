//! QR texts and pairing codes: making them, and reading what a phone scanned.

use std::collections::{HashMap, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use qrcode::{Color, EcLevel, QrCode};
use sha2::{Digest, Sha256};

use crate::{PhoneError, SimulatorError};

/// How many refs are remembered, so that a late scan is told "expired" and not "unknown".
const REMEMBERED: usize = 4096;
/// Letters that cannot be taken for one another when read aloud.
const PAIRING_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A source of names that nobody can guess and that never repeat.
#[derive(Debug)]
pub(crate) struct Mint {
    secret: [u8; 32],
    issued: u64,
}

impl Mint {
    pub(crate) fn new() -> Result<Self, SimulatorError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|source| SimulatorError::Random { source })?;
        Ok(Self { secret, issued: 0 })
    }

    fn next(&mut self) -> [u8; 32] {
        self.issued += 1;
        Sha256::new()
            .chain_update(self.secret)
            .chain_update(self.issued.to_be_bytes())
            .finalize()
            .into()
    }

    /// The first part of a QR text; the phone finds the device by it.
    pub(crate) fn reference(&mut self) -> String {
        format!("2@{}", BASE64.encode([self.next(), self.next()].concat()))
    }

    /// What proves a saved login.
    pub(crate) fn token(&mut self) -> String {
        BASE64.encode(self.next())
    }

    /// Eight letters and digits to type into a phone.
    pub(crate) fn pairing_code(&mut self) -> String {
        self.next()[..8]
            .iter()
            .map(|byte| char::from(PAIRING_ALPHABET[usize::from(byte % 32)]))
            .collect()
    }

    /// Id of an incoming message, in the style of a phone's.
    pub(crate) fn message_id(&mut self) -> String {
        self.next()[..16]
            .iter()
            .fold(String::new(), |id, byte| id + &format!("{byte:02X}"))
    }
}

/// Which device showed which ref, also after the code has rotated away.
#[derive(Debug, Default)]
pub(crate) struct References {
    devices: HashMap<String, String>,
    order: VecDeque<String>,
}

impl References {
    pub(crate) fn remember(&mut self, reference: &str, device: &str) {
        self.devices.insert(reference.to_owned(), device.to_owned());
        self.order.push_back(reference.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.devices.remove(&oldest);
        }
    }

    pub(crate) fn device(&self, reference: &str) -> Option<&str> {
        self.devices.get(reference).map(String::as_str)
    }
}

/// The parts of a scanned text that matter. whatsapp-web.js appends its platform as a fifth part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scanned<'a> {
    pub(crate) reference: &'a str,
    pub(crate) keys: [&'a str; 3],
}

impl<'a> Scanned<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, PhoneError> {
        let parts: Vec<&str> = text.trim().split(',').collect();
        match parts[..] {
            [reference, noise, identity, secret] | [reference, noise, identity, secret, _]
                if !reference.is_empty() =>
            {
                Ok(Self {
                    reference,
                    keys: [noise, identity, secret],
                })
            }
            _ => Err(PhoneError::InvalidCode {
                reason: "it does not have four or five parts between commas",
            }),
        }
    }
}

/// Draws a QR as rows of `1` (dark) and `0`. Empty if the text does not fit, which no code of ours does.
pub(crate) fn matrix(text: &str) -> Vec<String> {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::L) else {
        return Vec::new();
    };
    code.to_colors()
        .chunks(code.width())
        .map(|row| {
            row.iter()
                .map(|color| if *color == Color::Dark { '1' } else { '0' })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_accepts_four_or_five_parts() {
        let expected = Scanned {
            reference: "2@abc",
            keys: ["k1", "k2", "k3"],
        };
        assert_eq!(Scanned::parse("2@abc,k1,k2,k3").unwrap(), expected);
        assert_eq!(Scanned::parse(" 2@abc,k1,k2,k3,1\n").unwrap(), expected);
        for bad in [
            "",
            "2@abc",
            "2@abc,k1,k2",
            ",k1,k2,k3",
            "2@abc,k1,k2,k3,1,2",
        ] {
            assert!(
                matches!(Scanned::parse(bad), Err(PhoneError::InvalidCode { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn references_are_unique_and_have_no_commas() {
        let mut mint = Mint::new().unwrap();
        let references: std::collections::HashSet<_> = (0..500).map(|_| mint.reference()).collect();
        assert_eq!(references.len(), 500);
        assert!(references.iter().all(|text| !text.contains(',')));
    }

    #[test]
    fn old_references_are_forgotten_in_the_end() {
        let mut references = References::default();
        for number in 0..=REMEMBERED {
            references.remember(&format!("ref{number}"), "device");
        }
        assert_eq!(references.device("ref0"), None);
        assert_eq!(references.device("ref1"), Some("device"));
        assert_eq!(references.devices.len(), REMEMBERED);
    }

    #[test]
    fn the_matrix_is_square_and_starts_with_a_finder() {
        let rows = matrix("2@abc,k1,k2,k3");
        assert!(rows.len() >= 21);
        assert!(rows.iter().all(|row| row.len() == rows.len()));
        assert!(rows[0].starts_with("1111111"));
    }
}
