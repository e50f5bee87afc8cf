//! The manual page says what `--help` says, because it is made from the same words.

use clap::CommandFactory as _;

use super::Arguments;

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/packaging/linux/session-manager.1"
);

/// `UPDATE_MANUAL=1` writes the page anew.
#[test]
fn the_manual_page_is_up_to_date() {
    let mut made = Vec::new();
    clap_mangen::Man::new(Arguments::command())
        .date("")
        .render(&mut made)
        .unwrap();
    let made = String::from_utf8(made).unwrap();
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        std::fs::write(PAGE, &made).unwrap();
    }
    let kept = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(kept == made, "run this test with UPDATE_MANUAL=1");
}
