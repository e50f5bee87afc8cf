//! Who the browser says it is, where its arguments cannot say it.

use chromiumoxide::cdp::browser_protocol::emulation::{
    SetUserAgentOverrideParams, UserAgentBrandVersion, UserAgentMetadata,
};

use crate::cdp::Cdp;
use crate::detect::FoundBrowser;

/// The identity to take on: that of the same browser with a window. Nothing, where the arguments have done it already.
pub(crate) async fn identity(
    browser: &FoundBrowser,
    headed: bool,
    cdp: &Cdp,
) -> Option<SetUserAgentOverrideParams> {
    // The arguments could name the version, and only a headless shell says what it is in its brands too.
    if headed || (browser.version.is_some() && !browser.is_headless_shell()) {
        return None;
    }
    let agent = cdp.browser().version().await.ok()?.user_agent;
    let agent = agent.replace("HeadlessChrome/", "Chrome/");
    let brands = browser
        .is_headless_shell()
        .then(|| brands(&agent))
        .flatten();
    let mut params = SetUserAgentOverrideParams::new(agent);
    params.user_agent_metadata = brands;
    Some(params)
}

fn brands(agent: &str) -> Option<UserAgentMetadata> {
    let (_, rest) = agent.split_once("Chrome/")?;
    let version = rest.split_whitespace().next()?;
    let major = version.split('.').next()?;
    let platform = match std::env::consts::OS {
        "macos" => "macOS",
        "windows" => "Windows",
        _ => "Linux",
    };
    Some(UserAgentMetadata {
        brands: Some(list(major, "24")),
        full_version_list: Some(list(version, "24.0.0.0")),
        platform: platform.to_owned(),
        platform_version: String::new(),
        architecture: "x86".to_owned(),
        model: String::new(),
        mobile: false,
        bitness: Some("64".to_owned()),
        wow64: Some(false),
        form_factors: None,
    })
}

/// Chromium's brand beside the meaningless one that browsers add so that nobody relies on the list.
fn list(chromium: &str, grease: &str) -> Vec<UserAgentBrandVersion> {
    vec![
        UserAgentBrandVersion::new("Chromium", chromium),
        UserAgentBrandVersion::new("Not=A?Brand", grease),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brands_follow_the_version() {
        let metadata = brands("Mozilla/5.0 (X11) Chrome/156.0.1.2 Safari/537.36").unwrap();
        let brands = metadata.brands.unwrap();
        assert_eq!(
            (brands[0].brand.as_str(), brands[0].version.as_str()),
            ("Chromium", "156")
        );
        assert_eq!(metadata.full_version_list.unwrap()[0].version, "156.0.1.2");
        assert!(super::brands("something else").is_none());
    }
}
