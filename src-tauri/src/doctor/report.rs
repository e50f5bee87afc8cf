//! What was found, as a person or a program reads it.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Ok,
    /// It works, but not as well as it might.
    Warn,
    /// No session can be started, or none can send.
    Fail,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) verdict: Verdict,
    /// What is there.
    pub(super) found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Ok,
            found: found.into(),
            remedy: None,
        }
    }

    pub(super) fn warn(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            verdict: Verdict::Warn,
            remedy: Some(remedy.into()),
            ..Self::ok(check, found)
        }
    }

    pub(super) fn fail(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            verdict: Verdict::Fail,
            ..Self::warn(check, found, remedy)
        }
    }
}

/// Everything so far. As text it is told as it is found, as JSON at the end.
pub(super) struct Report {
    json: bool,
    findings: Vec<Finding>,
}

impl Report {
    pub(super) const fn new(json: bool) -> Self {
        Self {
            json,
            findings: Vec::new(),
        }
    }

    #[expect(clippy::print_stdout, reason = "this is what was asked for")]
    pub(super) fn add(&mut self, finding: Finding) {
        if !self.json {
            let verdict = match finding.verdict {
                Verdict::Ok => "ok",
                Verdict::Warn => "warn",
                Verdict::Fail => "FAIL",
            };
            println!("{verdict:<5} {:<12} {}", finding.check, finding.found);
            if let Some(remedy) = &finding.remedy {
                println!("{:<18} → {remedy}", "");
            }
        }
        self.findings.push(finding);
    }

    /// For whoever waits.
    #[expect(clippy::print_stderr, reason = "for the person at the terminal only")]
    pub(super) fn announce(&self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }

    /// The last words. Tells whether nothing failed.
    #[expect(clippy::print_stdout, reason = "this is what was asked for")]
    pub(super) fn end(self) -> bool {
        let failed = self
            .findings
            .iter()
            .filter(|one| one.verdict == Verdict::Fail)
            .count();
        if self.json {
            let all = serde_json::json!({ "ok": failed == 0, "checks": self.findings });
            println!("{all:#}");
        } else if failed == 0 {
            println!("\nSessions can be started on this machine.");
        } else {
            println!("\n{failed} of {} checks failed.", self.findings.len());
        }
        failed == 0
    }
}
