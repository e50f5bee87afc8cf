//! Calls to the bridge as programs, and its answers.

use serde::Deserialize;
use session_core::ports::CallError;

/// What the bridge answers. The shape is that of `ui/bridge/src/answer.ts`.
#[derive(Debug, Deserialize)]
struct Answer {
    ok: bool,
    value: Option<String>,
    kind: Option<String>,
    detail: Option<String>,
}

/// The call as an expression. Values travel as JSON, never as part of the program.
pub(crate) fn expression(api: &str, name: &str, values: &[&str]) -> String {
    let call = serde_json::json!([api, name, values]);
    format!(
        "(async()=>{{const [api,name,values]={call};const call=globalThis[api];\
         return call?JSON.stringify(await call(name,values)):undefined}})()"
    )
}

/// The same call as the body of a function that is called on what holds a file.
pub(crate) fn function(api: &str, name: &str, values: &[&str]) -> String {
    let call = serde_json::json!([api, name, values]);
    format!(
        "async function(){{const [api,name,values]={call};const call=globalThis[api];\
         return call?JSON.stringify(await call(name,values,this.files[0])):undefined}}"
    )
}

/// Reads the answer; a value may be no longer than this, bytes.
pub(crate) fn understand(text: &str, longest: usize) -> Result<Option<String>, CallError> {
    let answer: Answer = serde_json::from_str(text)
        .map_err(|_| CallError::Unsupported("the bridge answered nonsense".to_owned()))?;
    if answer.ok {
        return Ok(answer
            .value
            .filter(|value| value.len() <= longest && !value.contains(char::is_control)));
    }
    let detail = answer.detail.unwrap_or_default();
    if answer.kind.as_deref() == Some("unsupported") {
        return Err(CallError::Unsupported(
            "the page could not be hooked".to_owned(),
        ));
    }
    let is_word = !detail.is_empty()
        && detail.len() <= 64
        && detail
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    Err(CallError::Refused(if is_word {
        detail
    } else {
        "ERROR_UNKNOWN".to_owned()
    }))
}

/// An answer that has to hold a value.
pub(crate) fn value(answer: Option<String>) -> Result<String, CallError> {
    answer
        .filter(|value| !value.is_empty())
        .ok_or_else(|| CallError::Unsupported("the bridge answered nothing".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_place_in_the_call() {
        let text = "\"]);evil(); // ` ${x} \u{2028} </script> \\";
        let expression = expression("_api", "send", &["1@c.us", text]);
        let literal = expression
            .split_once("values]=")
            .and_then(|(_, rest)| rest.split_once(";const call"))
            .map(|(literal, _)| literal)
            .unwrap();
        let read: serde_json::Value = serde_json::from_str(literal).unwrap();
        assert_eq!(read, serde_json::json!(["_api", "send", ["1@c.us", text]]));
    }

    #[test]
    fn answers_are_believed_only_so_far() {
        let refused = |word: &str| Err(CallError::Refused(word.to_owned()));
        for (text, expected) in [
            (
                r#"{"ok":true,"value":"true_1@c.us_3EB0"}"#,
                Ok(Some("true_1@c.us_3EB0".to_owned())),
            ),
            (r#"{"ok":true,"value":null}"#, Ok(None)),
            (r#"{"ok":true,"value":"a\nb"}"#, Ok(None)),
            (
                r#"{"ok":false,"kind":"refused","detail":"ERROR_NETWORK"}"#,
                refused("ERROR_NETWORK"),
            ),
            (
                r#"{"ok":false,"kind":"refused","detail":"chat 5491155551234 not found"}"#,
                refused("ERROR_UNKNOWN"),
            ),
            (r#"{"ok":false}"#, refused("ERROR_UNKNOWN")),
        ] {
            assert_eq!(understand(text, 256), expected, "{text}");
        }
        assert!(matches!(
            understand("[]", 9),
            Err(CallError::Unsupported(_))
        ));
        assert!(matches!(
            understand(r#"{"ok":false,"kind":"unsupported","detail":"x"}"#, 9),
            Err(CallError::Unsupported(_))
        ));
    }
}
