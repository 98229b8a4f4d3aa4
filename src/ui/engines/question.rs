//! The question before anything is sent to a server for the first time.

use egui::{Button, Context, Id, Modal, RichText};

use crate::ui::state::WindowState;
use crate::ui::{EngineCommand, UserCommand, theme};

pub(super) fn show(ctx: &Context, state: &WindowState) -> Option<UserCommand> {
    let url = state.engines.question.as_ref()?;
    let mut command = None;
    let shown = Modal::new(Id::unique("send to a server")).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 80.0).min(440.0));
        theme::section(ui, "Let another machine make the pictures?");
        ui.label(format!("Your sketch, prompt and settings are sent to {}.", url.host()));
        let mut about = "Masks and the pictures that controls follow are sent too, and nothing else is.".to_owned();
        if !url.as_str().starts_with("https:") && !url.is_this_machine() {
            about += " The connection is not encrypted.";
        }
        ui.label(RichText::new(about).small().weak());
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            let agree = Button::new(RichText::new("Send").color(theme::ON_ACCENT)).fill(theme::ACCENT);
            if ui.add(agree).clicked() {
                command = Some(EngineCommand::Agree.into());
            }
            ui.button("Send nothing").clicked()
        })
        .inner
    });
    if command.is_none() && (shown.inner || shown.should_close()) {
        command = Some(EngineCommand::Decline.into());
    }
    command
}
