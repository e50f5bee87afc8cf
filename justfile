# Shortcuts for people who have `just`; the scripts do the work.

# Names what there is.
default:
    @just --list

# Builds and opens the program: `just start --demo`
start *ARGS:
    scripts/start {{ARGS}}

# Checks everything, or only these steps: `just test lint rust`
test *STEPS:
    scripts/test {{STEPS}}

# Measures what sessions cost.
bench:
    scripts/bench

# Breaks things many times and writes docs/reliability.md.
faults *SCENARIOS:
    scripts/faults {{SCENARIOS}}

# Opens the program with a control room that follows edits.
dev *ARGS:
    TAURI_FRONTEND_PATH=ui ui/node_modules/.bin/tauri dev -- -- {{ARGS}}

# Puts everything into the shape that the checks ask for.
format:
    cargo fmt --all
    npm --prefix ui run --silent format

# Writes docs/openapi.json anew from the handlers.
openapi:
    UPDATE_OPENAPI=1 cargo test --workspace --test description

# Writes the manual page anew from the words of --help.
manual:
    UPDATE_MANUAL=1 cargo test --workspace --lib -- manual

# Writes the UI's wire types anew from the Rust ones.
types:
    UPDATE_WIRE_TYPES=1 cargo test --workspace --test wire_types
