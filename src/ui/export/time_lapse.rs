//! The dialog that chooses how long and how large a time-lapse is.

use egui::{Button, RichText, Ui};

use crate::document::TimeLapse;
use crate::picture::AnimationKind;
use crate::ui::widgets::{NumberField, labelled_list};
use crate::ui::{ExportCommand, UserCommand, theme};

/// What was entered.
#[derive(Default)]
pub(in crate::ui) struct TimeLapseForm(TimeLapse);

impl TimeLapseForm {
    pub fn ui(&mut self, ui: &mut Ui) -> Option<UserCommand> {
        let lapse = &mut self.0;
        theme::section(ui, "Time-lapse of this document");
        let text = "The canvas from its first stroke to the last, as an animation.";
        ui.label(RichText::new(text).small().weak());
        let help =
            "GIF has 256 colours a frame and is shown everywhere. An animated PNG has all colours and is larger.";
        labelled_list(ui, "Format", help, lapse.kind.label().into(), |ui| {
            for choice in AnimationKind::ALL {
                ui.selectable_value(&mut lapse.kind, choice, choice.label());
            }
        });
        let help = "How long the animation is. The last picture stays a little longer.";
        NumberField::new("Length", help).step(1.0, 1).suffix(" s").ui(ui, &mut lapse.seconds, TimeLapse::SECONDS);
        let help = "The longer side of the animation. A smaller canvas is not enlarged.";
        NumberField::new("Size", help).step(8.0, 0).suffix(" px").ui(ui, &mut lapse.side, TimeLapse::SIDES);
        ui.add_space(4.0);
        let mut command = None;
        ui.horizontal(|ui| {
            let save = Button::new(RichText::new("Save…").color(theme::ON_ACCENT)).fill(theme::ACCENT);
            if ui.add(save).clicked() {
                command = Some(ExportCommand::ChooseTimeLapse(*lapse).into());
            }
            if ui.button("Cancel").clicked() {
                command = Some(ExportCommand::Close.into());
            }
        });
        command
    }
}
