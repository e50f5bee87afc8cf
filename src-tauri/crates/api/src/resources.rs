//! What the machine has left, as `/health` and `/events` tell it.

use serde::Serialize;
use session_core::{DiskState, ResourceReport};
use utoipa::ToSchema;

use crate::openapi::words;

/// What the machine has left for browsers. What cannot be told is null.
#[derive(Serialize, ToSchema)]
pub(crate) struct Resources {
    #[schema(value_type = words::Disk)]
    disk: DiskState,
    #[schema(required)]
    disk_free_bytes: Option<u64>,
    #[schema(required)]
    browsers_fit: Option<u32>,
    browsers_limit: u32,
    browsers_running: u32,
    browsers_waiting: u32,
}

impl Resources {
    /// As last seen.
    pub(crate) const fn of(report: &ResourceReport) -> Self {
        Self {
            disk: report.disk,
            disk_free_bytes: report.disk_free,
            browsers_fit: report.fits,
            browsers_limit: report.limit,
            browsers_running: report.running,
            browsers_waiting: report.waiting,
        }
    }
}
