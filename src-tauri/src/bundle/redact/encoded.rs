//! What a word says when it is read as something encoded.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Everything readable that it may stand for.
pub(super) fn readings(word: &str) -> Vec<String> {
    let mut all: Vec<String> = [percent(word), hex(word)].into_iter().flatten().collect();
    // A word may have grown together with what stands before it: four alignments.
    for start in 0..4 {
        let Some(rest) = word.get(start..) else { break };
        all.extend(base64(rest));
    }
    all
}

/// Whether it is base64 of a text.
pub(super) fn is_readable(word: &str) -> bool {
    base64(word).is_some()
}

fn base64(word: &str) -> Option<String> {
    [STANDARD, URL_SAFE].into_iter().find_map(|alphabet| {
        let engine = GeneralPurpose::new(&alphabet, LENIENT);
        // One digit too many stands for no byte.
        let whole = word.trim_end_matches('=');
        let whole = if whole.len() % 4 == 1 {
            whole.get(..whole.len() - 1)?
        } else {
            whole
        };
        text(engine.decode(whole).ok()?)
    })
}

fn percent(word: &str) -> Option<String> {
    word.contains('%').then(|| {
        let (mut out, mut rest) = (Vec::new(), word.as_bytes());
        while let Some((&first, after)) = rest.split_first() {
            let escaped = (first == b'%')
                .then(|| std::str::from_utf8(after.get(..2)?).ok())
                .flatten()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok());
            if let Some(byte) = escaped {
                out.push(byte);
                rest = &after[2..];
            } else {
                out.push(if first == b'+' { b' ' } else { first });
                rest = after;
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    })
}

fn hex(word: &str) -> Option<String> {
    let pairs = word.as_bytes().chunks_exact(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    text(bytes?)
}

fn text(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let legible = !text.is_empty() && !text.chars().any(|c| c.is_control() && !c.is_whitespace());
    legible.then_some(text)
}
