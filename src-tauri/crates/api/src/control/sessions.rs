//! The commands about one cliente and its session.

use session_core::ports::CallError;
use session_core::{
    Accepted, ChatId, ClienteId, DiskState, Draft, DraftContent, MessageText, PhoneNumber, Reason,
    StartError,
};

use super::{ControlRoom, cliente_id, described, logged, unusable};
use crate::advice;
use crate::commands::{
    DescribeArgs, DestroyArgs, IdArgs, PairingArgs, SelfTestArgs, SendArgs, TimelineArgs,
};
use crate::dto::{ClienteView, CommandError, NewCliente, PairingCodeView, SentView, TimelineView};
use crate::error::ErrorCode;
use crate::view;

/// Most lines of a timeline in one answer.
const TIMELINE: u32 = 1000;

impl ControlRoom {
    /// Adds a cliente, and starts it if asked.
    pub async fn add_cliente(&self, new: NewCliente) -> Result<ClienteView, CommandError> {
        let id = new.id.map(cliente_id).transpose()?;
        let (name, note) = described(&new.name, &new.note)?;
        let added = self.registry.add(id, name, note).await?;
        let id = added.record.id;
        if new.start {
            self.registry
                .begin_known(id, Reason::StartRequested)
                .await?;
        }
        self.view(id)
    }

    /// Changes what people call a cliente.
    pub async fn update_cliente(
        &self,
        DescribeArgs { id, name, note }: DescribeArgs,
    ) -> Result<ClienteView, CommandError> {
        let (name, note) = described(&name, &note)?;
        let snapshot = self.registry.describe(cliente_id(id)?, name, note).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Begins the session of a known cliente; the events tell what comes of it.
    pub async fn start(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let id = self.known(id)?;
        self.begin(id).await
    }

    /// Ends a session and keeps its login.
    pub async fn stop(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.stop(cliente_id(id)?).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Ends a session and begins it anew.
    pub async fn restart(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let id = self.known(id)?;
        // Seen before anything is ended: one that runs is worth more than one that cannot be started again.
        let disk = self.registry.resources().borrow().disk;
        if disk != DiskState::Ok {
            return Err(StartError::DiskFull.into());
        }
        self.registry.stop(id).await?;
        self.begin(id).await
    }

    /// Unlinks the account at WhatsApp.
    pub async fn log_out(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let id = cliente_id(id)?;
        self.registry
            .log_out(id)
            .await
            .inspect_err(logged(id, "not logged out"))?;
        self.view(id)
    }

    /// Closes the browser of an idle session; a start or a message wakes it.
    pub async fn hibernate(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.hibernate(cliente_id(id)?).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Chooses whether a cliente writes to itself now and then, to know that messages still go out.
    pub async fn set_self_test(
        &self,
        SelfTestArgs { id, on }: SelfTestArgs,
    ) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.set_self_test(cliente_id(id)?, on).await?;
        Ok(view::cliente(&snapshot))
    }

    /// The person has read the notice.
    pub async fn dismiss_notice(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.dismiss_notice(cliente_id(id)?).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Ends a session; with `forget` also deletes its login and the cliente.
    pub async fn destroy(
        &self,
        DestroyArgs { id, forget }: DestroyArgs,
    ) -> Result<(), CommandError> {
        let id = cliente_id(id)?;
        Ok(self
            .registry
            .destroy(id, forget)
            .await
            .inspect_err(logged(id, "not destroyed"))?)
    }

    /// Asks WhatsApp for a new QR.
    pub async fn refresh_qr(&self, IdArgs { id }: IdArgs) -> Result<(), CommandError> {
        let id = cliente_id(id)?;
        Ok(self
            .registry
            .refresh_code(id)
            .await
            .inspect_err(logged(id, "no new code"))?)
    }

    /// Asks WhatsApp for a code that links the account when it is typed on the phone with this number.
    pub async fn pairing_code(
        &self,
        PairingArgs { id, number }: PairingArgs,
    ) -> Result<PairingCodeView, CommandError> {
        let id = cliente_id(id)?;
        let number = PhoneNumber::parse(&number)
            .map_err(|_| unusable("a number is 5 to 20 digits with country code"))?;
        let asked = self.registry.request_pairing_code(id, number).await;
        match asked.inspect_err(logged(id, "no pairing code")) {
            Ok(code) => Ok(PairingCodeView { code }),
            // Of all failures of a page the one that another number or some patience mends.
            Err(session_core::CommandError::Call(error @ CallError::Refused(_))) => Err(
                CommandError::new(ErrorCode::PairingRefused, advice::call(&error)),
            ),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a text.
    pub async fn send_message(
        &self,
        SendArgs { id, to, text }: SendArgs,
    ) -> Result<SentView, CommandError> {
        let id = self.known(id)?;
        let chat = ChatId::parse(&to).map_err(|error| unusable(&error.to_string()))?;
        let text = MessageText::new(text).ok_or_else(|| unusable("the message is empty"))?;
        let content = DraftContent::Text(text);
        let message = self.outbox.send(id, Draft { chat, content }).await?;
        Ok(SentView {
            message_id: message.reveal().to_owned(),
        })
    }

    /// The newest changes of a cliente first.
    pub async fn timeline(
        &self,
        TimelineArgs { id, limit }: TimelineArgs,
    ) -> Result<Vec<TimelineView>, CommandError> {
        let id = cliente_id(id)?;
        let changes = self
            .registry
            .timeline(id, limit.min(TIMELINE))
            .await
            .inspect_err(logged(id, "timeline not read"))?;
        Ok(changes.iter().map(view::change).collect())
    }

    async fn begin(&self, id: ClienteId) -> Result<ClienteView, CommandError> {
        let reason = self.wish(id).await;
        match self.registry.begin_known(id, reason).await? {
            // The events tell how it goes on; nobody waits for the receiver.
            Accepted::Begun(_) | Accepted::AlreadyRunning => self.view(id),
        }
    }
}
