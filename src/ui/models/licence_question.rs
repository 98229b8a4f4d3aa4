//! Asks whether the licence of an entry of the catalogue is accepted, before it is fetched for the first time.

use egui::{Context, Id, Modal, RichText, WidgetInfo};

use super::panel::ModelPanel;
use crate::models::size_text;
use crate::ui::{FetchCommand, UserCommand, theme};

/// Shows the question while it is open. Escape and a click beside it decline.
pub(super) fn show(ctx: &Context, panel: &mut ModelPanel) -> Option<UserCommand> {
    let question = panel.fetches.question.as_mut()?;
    let (id, is_new) = (question.entry.clone(), std::mem::take(&mut question.is_new));
    let Some(entry) = panel.catalogue().entries.iter().find(|entry| entry.id == id) else {
        return Some(FetchCommand::Decline.into());
    };
    let screen = ctx.content_rect().size();
    let shown = Modal::new(Id::unique("licence")).show(ctx, |ui| {
        ui.set_width((screen.x - 120.0).clamp(260.0, 480.0));
        theme::section(ui, &entry.name);
        let size = size_text(entry.about_mb.saturating_mul(1_000_000));
        ui.label(format!("About {size} from {}. Its licence is", entry.repository));
        ui.hyperlink_to(&entry.licence.name, &entry.licence.link);
        ui.label(RichText::new(&entry.licence.link).small().weak());
        let unconfirmed = entry.unconfirmed.iter().filter(|what| what.contains("licence"));
        for what in unconfirmed {
            ui.label(RichText::new(format!("Not confirmed: {what}. Read the model's page.")).small());
        }
        ui.label("Read it before you accept it. You are asked once for this model.");
        ui.add_space(4.0);
        let mut command = None;
        ui.horizontal(|ui| {
            let accept = ui.button("Fetch").on_hover_text("Accept the licence and fetch the model.");
            let name = format!("Accept the licence and fetch {}", entry.name);
            accept.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
            if accept.clicked() {
                command = Some(FetchCommand::Accept.into());
            }
            let cancel = ui.button("Cancel");
            if is_new {
                cancel.request_focus();
            }
            if cancel.clicked() {
                command = Some(FetchCommand::Decline.into());
            }
        });
        command
    });
    if shown.should_close() { Some(FetchCommand::Decline.into()) } else { shown.inner }
}
