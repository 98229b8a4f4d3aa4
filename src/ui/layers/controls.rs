//! How the current layer is drawn.

use egui::{ComboBox, Role, Ui, Vec2, WidgetInfo};
use lucide_icons::Icon;

use super::icon_button::icon_toggle;
use crate::paint::{BlendMode, Layer};
use crate::ui::keymap::tooltip;
use crate::ui::widgets::percent_box;
use crate::ui::{LayerCommand, LayerSwitch};

/// The width of the box for the opacity, in points.
const OPACITY: f32 = 58.0;

/// Shows blend mode, opacity and switches of a layer.
pub(super) fn ui(ui: &mut Ui, layer: &Layer) -> Option<LayerCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        command = blend_mode(ui, layer);
        command = opacity(ui, layer).or(command.take());
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        command = switches(ui, layer).or(command.take());
    });
    command
}

fn blend_mode(ui: &mut Ui, layer: &Layer) -> Option<LayerCommand> {
    let own = layer.properties.blend;
    let width = (ui.available_width() - OPACITY - ui.spacing().item_spacing.x).max(60.0);
    let list = ComboBox::from_id_salt("blend mode").width(width).truncate().selected_text(own.label());
    let list = list.show_ui(ui, |ui| {
        let chosen =
            BlendMode::ALL.into_iter().filter(|mode| ui.selectable_label(*mode == own, mode.label()).clicked());
        chosen.last().map(|mode| LayerCommand::SetBlend(layer.id, mode))
    });
    list.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Blend mode"));
    list.response.on_hover_text("Blend mode: how the colours of this layer meet those below it.");
    list.inner.flatten()
}

fn opacity(ui: &mut Ui, layer: &Layer) -> Option<LayerCommand> {
    let mut opacity = layer.properties.opacity;
    let size = Vec2::new(OPACITY, ui.spacing().interact_size.y);
    let response = ui.add_sized(size, percent_box(&mut opacity, 0.0..=1.0));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("Layer opacity"));
    let response = response.on_hover_text("How much of this layer shows. Drag it, or click and type.");
    response.changed().then_some(LayerCommand::SetOpacity(layer.id, opacity))
}

fn switches(ui: &mut Ui, layer: &Layer) -> Option<LayerCommand> {
    let of = &layer.properties;
    let mut command = None;
    for (icon, name, help, is_on, switch) in [
        (
            Icon::CornerDownLeft,
            "Clip to the layer below",
            "Show this layer only where the nearest layer below that is not clipped shows.",
            of.clipped,
            LayerSwitch::Clipped,
        ),
        (
            Icon::Grid2x2,
            "Lock transparency",
            "Painting changes colours and leaves transparent what is transparent.",
            of.alpha_locked,
            LayerSwitch::AlphaLocked,
        ),
        (
            Icon::Image,
            "Only for reference",
            "Show this layer here and leave it out of the picture: it is not sent to the model and not saved with the canvas.",
            of.reference,
            LayerSwitch::Reference,
        ),
    ] {
        let help = tooltip(ui.ctx(), &format!("{name}. {help}"), LayerCommand::SwitchCurrent(switch));
        if icon_toggle(ui, icon, name, &help, is_on).clicked() {
            command = Some(LayerCommand::SwitchCurrent(switch));
        }
    }
    command
}
