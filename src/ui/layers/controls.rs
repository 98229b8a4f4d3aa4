//! How the current layer is drawn.

use egui::Ui;

use crate::paint::{BlendMode, Layer};
use crate::ui::keymap::tooltip;
use crate::ui::widgets::{NumberField, labelled_list};
use crate::ui::{LayerCommand, LayerSwitch};

/// Shows blend mode, opacity and switches of a layer.
pub(super) fn ui(ui: &mut Ui, layer: &Layer) -> Option<LayerCommand> {
    let (id, of) = (layer.id, &layer.properties);
    let help = "How the colours of this layer meet those below it.";
    let mut command = labelled_list(ui, "Blend mode", help, of.blend.label().into(), |ui| {
        let chosen =
            BlendMode::ALL.into_iter().filter(|mode| ui.selectable_label(*mode == of.blend, mode.label()).clicked());
        chosen.last().map(|mode| LayerCommand::SetBlend(id, mode))
    })
    .flatten();
    let mut opacity = of.opacity;
    NumberField::new("Layer opacity", "How much of this layer shows.").percent().ui(ui, &mut opacity, 0.0..=1.0);
    if opacity != of.opacity {
        command = Some(LayerCommand::SetOpacity(id, opacity));
    }
    for (name, help, is_on, switch) in [
        (
            "Clip to the layer below",
            "Show this layer only where the nearest layer below that is not clipped shows.",
            of.clipped,
            LayerSwitch::Clipped,
        ),
        (
            "Lock transparency",
            "Painting changes colours and leaves transparent what is transparent.",
            of.alpha_locked,
            LayerSwitch::AlphaLocked,
        ),
        (
            "Only for reference",
            "Show this layer here and leave it out of the picture: it is not sent to the model and not saved with the canvas.",
            of.reference,
            LayerSwitch::Reference,
        ),
    ] {
        let mut is_on = is_on;
        let help = tooltip(ui.ctx(), help, LayerCommand::SwitchCurrent(switch));
        if ui.checkbox(&mut is_on, name).on_hover_text(help).changed() {
            command = Some(LayerCommand::SwitchCurrent(switch));
        }
    }
    command
}
