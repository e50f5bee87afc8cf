//! What a browser's window is called, so that a person with three of them knows which is whose.

use std::fmt;

use crate::cliente::ClienteRecord;

/// The longest name that is shown, in characters.
const NAME: usize = 60;
/// So many digits in a name may be somebody's number. What a window is called, other users of the machine can see.
const NUMBER: usize = 6;

/// The name of a window: one line that gives no number away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowName(String);

impl WindowName {
    /// What the window of this cliente is called.
    pub fn of(record: &ClienteRecord) -> Self {
        let name: String = record
            .name
            .chars()
            .map(|sign| if sign.is_control() { ' ' } else { sign })
            .take(NAME)
            .collect();
        let name = name.trim();
        let digits = name.chars().filter(|sign| sign.is_numeric()).count();
        Self(if name.is_empty() || digits >= NUMBER {
            format!("#{} · WhatsApp", record.id)
        } else {
            format!("#{} · {name} · WhatsApp", record.id)
        })
    }
}

impl fmt::Display for WindowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cliente::ClienteId;
    use crate::clock::Timestamp;

    #[test]
    fn a_window_is_called_after_its_cliente_and_gives_no_number_away() {
        for (name, called) in [
            ("Ventas", "#1 · Ventas · WhatsApp"),
            ("  Caja\n2 ", "#1 · Caja 2 · WhatsApp"),
            ("", "#1 · WhatsApp"),
            ("+54 9 11 5555-0001", "#1 · WhatsApp"),
        ] {
            let record = ClienteRecord {
                name: name.to_owned(),
                ..ClienteRecord::new(ClienteId::FIRST, Timestamp(0))
            };
            assert_eq!(WindowName::of(&record).to_string(), called);
        }
        let long = ClienteRecord {
            name: "ñ".repeat(500),
            ..ClienteRecord::new(ClienteId::FIRST, Timestamp(0))
        };
        assert!(WindowName::of(&long).to_string().chars().count() < 90);
    }
}
