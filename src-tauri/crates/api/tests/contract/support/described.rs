//! Every answer that a test gets is compared with the description of the API: its status, its kind, its code, its shape.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Answer;

pub(crate) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(session_api::openapi::json()).unwrap())
}

/// The described route that a path belongs to; those without a parameter come first.
fn route(path: &str) -> Option<(&'static str, &'static Value)> {
    let path = path.split('?').next().unwrap();
    let parts: Vec<_> = path.split('/').collect();
    let mut routes: Vec<_> = document()["paths"].as_object().unwrap().iter().collect();
    routes.sort_by_key(|(template, _)| template.contains('{'));
    routes.into_iter().find_map(|(template, item)| {
        let wanted: Vec<_> = template.split('/').collect();
        let fits = wanted.len() == parts.len()
            && wanted.iter().zip(&parts).all(|(wanted, part)| {
                wanted == part || (wanted.starts_with('{') && !part.is_empty())
            });
        fits.then_some((template.as_str(), item))
    })
}

/// Fails where the answer is not as described.
#[track_caller]
pub(crate) fn check(method: &str, path: &str, answer: &Answer) {
    let Some((route, item)) = route(path) else {
        return;
    };
    // Methods are told apart to the letter.
    if method != method.to_uppercase() {
        return;
    }
    let Some(operation) = item.get(method.to_lowercase()) else {
        return;
    };
    let status = answer.status.to_string();
    let Some(described) = operation["responses"].get(&status) else {
        panic!(
            "{method} {route} answers {status}, which is not described: {}",
            answer.body
        );
    };
    let Some(contents) = described["content"].as_object() else {
        assert_eq!(
            answer.body, "",
            "{method} {route}, {status}: no body is described"
        );
        return;
    };
    let kind = answer.header("Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap();
    let Some(content) = contents.get(kind) else {
        panic!("{method} {route}, {status}: {kind:?} is not described");
    };
    if kind != "application/json" {
        return;
    }
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let schema = validator(&format!("{method} {route} {status}"), &content["schema"]);
    if let Err(error) = schema.validate(&body) {
        panic!(
            "{method} {route}, {status}: {error} at {:?}: {}",
            error.instance_path().as_str(),
            answer.body
        );
    }
}

/// Made once each.
fn validator(name: &str, schema: &Value) -> Arc<Validator> {
    static READY: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let mut ready = READY
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let whole = json!({ "allOf": [schema], "components": document()["components"] });
        Arc::new(jsonschema::validator_for(&whole).unwrap())
    };
    Arc::clone(ready.entry(name.to_owned()).or_insert_with(make))
}
