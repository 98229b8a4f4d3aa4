//! The fonts of the window: letters from the window library, icons from Lucide.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId, RichText};
use lucide_icons::{Icon, LUCIDE_FONT_BYTES};

/// The name of the icons' font.
const ICONS: &str = "icons";

/// Text takes what its own font lacks, such as arrows, from the font for code.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let for_code = fonts.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
    let for_text = fonts.families.entry(FontFamily::Proportional).or_default();
    let missing: Vec<String> = for_code.into_iter().filter(|name| !for_text.contains(name)).collect();
    for_text.extend(missing);
    fonts.font_data.insert(ICONS.into(), Arc::new(FontData::from_static(LUCIDE_FONT_BYTES)));
    fonts.families.insert(FontFamily::Name(ICONS.into()), vec![ICONS.into()]);
    fonts
}

/// The font of icons, of this height in points.
pub(in crate::ui) fn icon_font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(ICONS.into()))
}

/// An icon as a text, of this height in points. What shows it must be given a name for assistive technology.
pub(in crate::ui) fn icon(icon: Icon, size: f32) -> RichText {
    RichText::new(char::from(icon).to_string()).font(icon_font(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_of_icons_has_the_icons() {
        let ctx = egui::Context::default();
        ctx.set_fonts(definitions());
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            for icon in [Icon::Brush, Icon::Eraser, Icon::PaintBucket, Icon::Pipette, Icon::ChevronDown, Icon::Undo2] {
                let known = ui.fonts_mut(|fonts| fonts.has_glyph(&icon_font(18.0), char::from(icon)));
                assert!(known, "{icon}");
            }
        });
        output.textures_delta.clear();
    }
}
