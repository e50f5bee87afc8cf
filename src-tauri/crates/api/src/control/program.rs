//! The commands about the program itself.

use super::{ControlRoom, unusable};
use crate::calls::CallView;
use crate::commands::{CallsArgs, CloseArgs, NoArgs, PhoneArgs, PlaceArgs};
use crate::dto::{AppView, CommandError, SettingsPatch, Snapshot};
use crate::error::ErrorCode;
use crate::origins::Origins;

/// Most browsers at the same time that can be asked for.
const MOST_BROWSERS: u32 = 500;
/// Most origins that can be listed.
const MOST_ORIGINS: usize = 100;

impl ControlRoom {
    /// Everything at once.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn snapshot(&self, NoArgs {}: NoArgs) -> Result<Snapshot, CommandError> {
        Ok(self.now())
    }

    /// The last calls of the local API, the newest first; [`ControlEvent::Calls`] tells when there are more.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn calls(
        &self,
        CallsArgs { limit, after }: CallsArgs,
    ) -> Result<Vec<CallView>, CommandError> {
        Ok(self.calls.after(after.unwrap_or_default(), limit as usize))
    }

    /// Changes settings.
    pub async fn update_settings(&self, mut patch: SettingsPatch) -> Result<AppView, CommandError> {
        if patch.api_port == Some(0) {
            return Err(unusable("a port is a number from 1 to 65535"));
        }
        if let Some(Some(most)) = patch.max_browsers
            && !(1..=MOST_BROWSERS).contains(&most)
        {
            return Err(unusable("the number of browsers is from 1 to 500"));
        }
        if let Some(origins) = &mut patch.allowed_origins {
            if origins.len() > MOST_ORIGINS {
                return Err(unusable("there are 100 origins at most"));
            }
            let listed = Origins::from_items(&*origins)
                .map_err(|error| CommandError::new(ErrorCode::InvalidOrigin, error.to_string()))?;
            *origins = listed.iter().map(str::to_owned).collect();
        }
        self.host.update_settings(patch).await
    }

    /// Looks for a browser again.
    pub async fn find_browser(&self, NoArgs {}: NoArgs) -> Result<AppView, CommandError> {
        self.host.find_browser().await
    }

    /// Opens a place outside the window.
    pub async fn open_place(&self, PlaceArgs { place }: PlaceArgs) -> Result<(), CommandError> {
        self.host.open_place(place).await
    }

    /// What the person chose when the window was to close.
    pub async fn close_decided(
        &self,
        CloseArgs { choice, remember }: CloseArgs,
    ) -> Result<(), CommandError> {
        self.host.close_decided(choice, remember).await
    }

    /// Lets the simulated phone of a cliente do something.
    pub async fn demo_phone(
        &self,
        PhoneArgs { id, action }: PhoneArgs,
    ) -> Result<(), CommandError> {
        let id = self.known(id)?;
        self.host.phone(id, action).await
    }
}
