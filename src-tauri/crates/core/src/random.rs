//! What nobody can guess.

/// Bytes from the system.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::expect_used,
        reason = "a system without randomness could not start a browser either"
    )]
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
