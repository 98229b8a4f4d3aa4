//! Tells that the queue has ended, while the window is not looked at.

use std::sync::Arc;

use egui::{UserAttentionType, ViewportCommand};
use serde::{Deserialize, Serialize};

use crate::ui::commands::Services;

/// How long the queue must have worked for [`NotifyWhen::Long`], in seconds.
const LONG: f64 = 30.0;

/// When a desktop notification tells that the queue has ended. It never does while the window has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotifyWhen {
    /// Never.
    Never,
    /// If the work took longer than 30 seconds.
    #[default]
    Long,
    /// Always.
    Always,
}

/// Shows a notification with this text. Called on the window's thread, so it must not wait.
pub(in crate::ui) type Notifier = Arc<dyn Fn(String)>;

/// How the work ended.
pub(super) enum Outcome {
    /// Everything was made.
    Done {
        /// How many pictures.
        pictures: usize,
    },
    /// Jobs failed, for this reason.
    Paused(String),
}

impl NotifyWhen {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Never, Self::Long, Self::Always];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Long => "after more than 30 s",
            Self::Always => "always",
        }
    }

    /// Whether work of this many seconds is worth a notification.
    pub(super) fn applies(self, seconds: f64) -> bool {
        match self {
            Self::Never => false,
            Self::Long => seconds > LONG,
            Self::Always => true,
        }
    }
}

/// The desktop's own notifications.
pub(in crate::ui) fn desktop_notifier() -> Notifier {
    Arc::new(|text| {
        // The notification service may take a second to answer, or never do.
        let shown = std::thread::Builder::new().name("notification".into()).spawn(move || {
            let mut notification = notify_rust::Notification::new();
            let notification = notification.appname("underpaint").summary("underpaint").body(&text);
            if let Err(error) = notification.show() {
                tracing::info!("the notification was not shown: {error}");
            }
        });
        if let Err(error) = shown {
            tracing::info!("the notification was not shown: {error}");
        }
    })
}

/// Notifies, and marks the window as one that wants attention.
pub(super) fn send(services: &Services, outcome: &Outcome) {
    let text = match outcome {
        Outcome::Done { pictures: 1 } => "1 picture is ready.".to_owned(),
        Outcome::Done { pictures } => format!("{pictures} pictures are ready."),
        Outcome::Paused(reason) => format!("The queue is paused, because rounds failed. {reason}"),
    };
    services.ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Informational));
    (services.notifier)(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_work_is_notified_unless_asked_otherwise() {
        let applies = |seconds| NotifyWhen::ALL.map(|when| when.applies(seconds));
        assert_eq!(applies(5.0), [false, false, true]);
        assert_eq!(applies(31.0), [false, true, true]);
        assert_eq!(NotifyWhen::default(), NotifyWhen::Long);
    }
}
