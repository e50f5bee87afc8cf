//! Signatures as the Standard Webhooks specification has them, so that its libraries can check them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use session_core::{Timestamp, Webhook, WebhookSecret};
use sha2::Sha256;

/// What `webhook-signature` says: one signature, and a second one while the secret before still counts.
pub(crate) fn signatures(webhook: &Webhook, id: &str, now: Timestamp, body: &[u8]) -> String {
    let mut text = signature(&webhook.secret, id, seconds(now), body);
    if let Some((old, until)) = &webhook.old_secret
        && now < *until
    {
        text.push(' ');
        text.push_str(&signature(old, id, seconds(now), body));
    }
    text
}

/// What `webhook-timestamp` says.
pub(crate) const fn seconds(now: Timestamp) -> u64 {
    now.0 / 1000
}

fn signature(secret: &WebhookSecret, id: &str, seconds: u64, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret.key()).expect("a key of any length");
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_signed_as_it_says() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        assert_eq!(
            signature(
                &secret,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                br#"{"test": 2432232314}"#,
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
