//! The description of the API: the committed copy is the generated one, it says something of every route and nothing of
//! what is nobody's business, and its examples are what its schemas describe.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What belongs to this program's own pages, and changes with it.
const NOT_DESCRIBED: [&str; 6] = [
    "/control/{command}",
    "/control/bundle",
    "/control/events",
    "/docs",
    "/docs/{file}",
    // WAHA's clients ask for both spellings; one is described.
    "/api/sessions/",
];

fn document() -> Value {
    serde_json::from_str(session_api::openapi::json()).unwrap()
}

/// Every operation, by method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                found.push((format!("{} {path}", method.to_uppercase()), operation));
            }
        }
    }
    found
}

#[test]
fn the_committed_description_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/openapi.json");
    let generated = session_api::openapi::json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    // A checkout on Windows may have turned the line ends.
    assert!(
        committed.replace("\r\n", "\n") == generated,
        "docs/openapi.json is not what the code describes now; write it anew with\n    \
         UPDATE_OPENAPI=1 cargo test -p session-api --test description\nand look at the difference"
    );
}

#[test]
fn every_declared_route_is_described_with_its_methods() {
    let document = document();
    let described: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let declared = declared();
    assert!(declared.len() > 25, "routes are not found: {declared:?}");
    let missing: Vec<_> = declared.difference(&described).collect();
    assert!(
        missing.is_empty(),
        "routes without a description: {missing:?}"
    );
    let made_up: Vec<_> = described.difference(&declared).collect();
    assert!(
        made_up.is_empty(),
        "described, but there is no such route: {made_up:?}"
    );
}

/// The routes that the sources declare, as `GET /status`.
fn declared() -> BTreeSet<String> {
    let mut files = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        // What tests make up is not served.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for declaration in text.split(".route(").skip(1) {
            let Some(rest) = declaration.trim_start().strip_prefix('"') else {
                continue;
            };
            let (path, rest) = rest.split_once('"').unwrap();
            if NOT_DESCRIBED.contains(&path) {
                continue;
            }
            let handlers = rest.split(';').next().unwrap_or_default();
            for method in METHODS {
                let is_called = handlers
                    .match_indices(&format!("{method}("))
                    .any(|(at, _)| !handlers[..at].ends_with(|c: char| c.is_alphanumeric()));
                if is_called {
                    found.insert(format!("{} {path}", method.to_uppercase()));
                }
            }
        }
    }
    found
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn commands_and_pages_of_the_program_are_not_described() {
    let document = document();
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(
            !path.starts_with("/control") && !path.starts_with("/docs") && path != "/",
            "{path}"
        );
    }
    let text = session_api::openapi::json();
    for internal in ["x-failures", "ClienteView", "/control"] {
        assert!(!text.contains(internal), "{internal}");
    }
}

#[test]
fn every_operation_says_what_a_caller_needs() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let tags: Vec<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    let mut ids = BTreeMap::new();
    for (name, operation) in operations(&document) {
        let tag = &operation["tags"][0];
        assert!(tags.contains(&tag), "{name}: the tag {tag} is not declared");
        assert!(operation["summary"].is_string(), "{name}: no summary");
        let id = operation["operationId"].as_str().unwrap();
        if let Some(other) = ids.insert(id.to_owned(), name.clone()) {
            panic!("{name} and {other} are both called {id}");
        }
        let answers = operation["responses"].as_object().unwrap();
        assert!(
            answers.keys().any(|status| status.starts_with('2')),
            "{name}: nothing succeeds"
        );
        for status in ["403", "500"] {
            assert!(answers.contains_key(status), "{name}: no {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(
                parameter["description"].is_string(),
                "{name}: {parameter} is not explained"
            );
        }
    }
}

#[test]
fn every_example_is_what_its_schema_describes() {
    let document = document();
    let mut checked = 0;
    for (name, operation) in operations(&document) {
        let mut bodies = vec![("request".to_owned(), &operation["requestBody"])];
        for (status, answer) in operation["responses"].as_object().unwrap() {
            bodies.push((status.clone(), answer));
        }
        for (what, body) in bodies {
            for (kind, content) in body["content"].as_object().into_iter().flatten() {
                if kind == "image/png" {
                    continue;
                }
                let mut examples: Vec<&Value> = content.get("example").into_iter().collect();
                let several = content["examples"].as_object();
                examples.extend(several.into_iter().flatten().map(|(_, one)| &one["value"]));
                assert!(!examples.is_empty(), "{name}, {what}: no example");
                let schema = serde_json::json!({
                    "allOf": [content["schema"]],
                    "components": document["components"],
                });
                let schema = jsonschema::validator_for(&schema).unwrap();
                for example in examples {
                    if let Err(error) = schema.validate(example) {
                        panic!("{name}, {what}: {error} at {}", error.instance_path());
                    }
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 150, "{checked}");
}
