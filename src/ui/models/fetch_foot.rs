//! Below the catalogue: the field that fetches anything else, and the switch that fetches nothing.

use egui::{Button, Checkbox, RichText, TextEdit, Ui};

use super::fetches::Fetches;
use crate::ui::{FetchCommand, UserCommand};

/// The height of the field and of the line below it, in points.
pub(super) const HEIGHT: f32 = 52.0;

/// Shows the field, the switch, and why nothing is fetched.
pub(super) fn ui(ui: &mut Ui, fetches: &mut Fetches) -> Option<UserCommand> {
    let mut command = None;
    let why_not = fetches.why_not();
    ui.horizontal(|ui| {
        let label = ui.label("Fetch owner/name or a link");
        let field = TextEdit::singleline(&mut fetches.typed)
            .desired_width((ui.available_width() - 160.0).max(80.0))
            .char_limit(2000)
            .hint_text("a model on huggingface.co, or a link to a file");
        let field = ui.add(field).labelled_by(label.id);
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let typed = fetches.typed.trim().to_owned();
        let can_fetch = !typed.is_empty() && why_not.is_none();
        let button = ui.add_enabled(can_fetch, Button::new("Fetch it"));
        let reason = why_not.as_deref().unwrap_or("Type or paste what to fetch.");
        let is_pressed = button.on_disabled_hover_text(reason).clicked();
        if (is_entered || is_pressed) && can_fetch {
            command = Some(FetchCommand::Place(typed).into());
            fetches.typed.clear();
        }
        let mut is_offline = fetches.is_offline();
        let switch = ui.add_enabled(!fetches.is_offline_fixed(), Checkbox::new(&mut is_offline, "Offline"));
        if switch.on_hover_text("Fetch nothing, also after the next launch.").changed() {
            command = Some(FetchCommand::SetOffline(is_offline).into());
        }
    });
    let help = "Nothing is fetched unless you ask for it. Fetched files go to the cache of the Hugging Face hub; those from other links to this program's folder of models.";
    ui.label(RichText::new(why_not.as_deref().unwrap_or(help)).small().weak());
    command
}
