//! The prompt of the region that the current layer covers.

use egui::{CollapsingHeader, TextEdit, Ui};

use crate::engine::{RegionPrompt, Settings};
use crate::paint::Layer;
use crate::ui::LayerCommand;

const HELP: &str = "What this layer shows. Where it covers the picture, the model follows this text and the prompt behind it, instead of the prompt alone. The layer may be hidden.";

/// Shows the prompt of a layer, folded while there is none.
pub(super) fn ui(ui: &mut Ui, layer: &Layer, regions: &[RegionPrompt]) -> Option<LayerCommand> {
    let region = regions.iter().find(|region| region.layer == Some(layer.id.0));
    let mut prompt = region.map(|region| region.prompt.clone()).unwrap_or_default();
    let is_used = !prompt.is_empty();
    let header = CollapsingHeader::new("Region prompt").id_salt(("region", layer.id.0)).default_open(is_used);
    let shown = header.show(ui, |ui| {
        let field = TextEdit::multiline(&mut prompt).desired_rows(2).desired_width(f32::INFINITY);
        let field = field.char_limit(Settings::MAX_PROMPT).hint_text("What this layer shows");
        let response = ui.add(field).on_hover_text(HELP);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("Prompt of the region"));
        response.changed()
    });
    shown.header_response.on_hover_text(HELP);
    shown.body_returned.unwrap_or(false).then_some(LayerCommand::SetRegionPrompt(layer.id, prompt))
}
